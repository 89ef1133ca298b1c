"""Plans and milestones as callers write and read them."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Literal, Self

from pydantic import BaseModel, Field, model_validator

from services.school_eval.action_plans.rules import STEPS, MilestoneState, is_overdue, possible_steps
from services.school_eval.action_plans.tables import ActionPlan, Milestone, MilestoneEntry
from services.school_eval.permissions import PERMISSIONS
from shared.kernel.web.fields import Document, Name, OwnCode, Strict, TwoNames, Words
from shared.kernel.web.organizations import code_of
from shared.terms.actor import Actor


class Task(Strict):
    """One numbered task of a measure."""

    code: OwnCode
    name: TwoNames


class Measure(Strict):
    """A group of tasks."""

    code: OwnCode
    name: TwoNames
    tasks: list[Task] = Field(max_length=60)


class ActionPlanIn(Strict):
    """A plan: period, source document, measures."""

    name: TwoNames
    starts_on: dt.date
    ends_on: dt.date
    document: Document
    verified: bool
    measures: list[Measure] = Field(min_length=1, max_length=40)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.ends_on <= self.starts_on:
            raise ValueError("计划的结束日期应晚于开始日期 / a plan ends after it starts")
        codes = [measure.code for measure in self.measures] + [t.code for m in self.measures for t in m.tasks]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"代码重复 / codes stand twice: {', '.join(twice)}")
        return self


class ActionPlanOut(ActionPlanIn):
    """A plan as kept."""

    code: str
    org_path: str
    version: int


class MilestoneIn(Strict):
    """What is to be done by a day, and by whom."""

    measure: OwnCode
    task: OwnCode | None = None
    name: Name
    responsible_office: Name
    due_on: dt.date


class MilestoneOut(MilestoneIn):
    """A milestone with its state; ``actions`` are the steps open to the caller."""

    plan: str
    code: str
    organization: str
    state: MilestoneState
    is_overdue: bool
    reported_on: dt.date | None
    reached_on: dt.date | None
    actions: list[str]
    version: int


class MilestoneEntryOut(BaseModel):
    """One step with its words."""

    id: uuid.UUID
    action: str
    body: str
    author_org: str
    at: dt.datetime


class MilestoneDetail(MilestoneOut):
    """A milestone and everything that was said on it, oldest first."""

    entries: list[MilestoneEntryOut]


class WordsIn(Strict):
    """The words that go with a step."""

    text: Words


class ReportIn(WordsIn):
    """A report that a milestone is reached."""

    reached_on: dt.date | None = Field(default=None, description="完成日期，默认今天 / the day it was reached")


Decision = Literal["confirm", "return", "reopen", "cancel"]
Step = Literal["report"] | Decision


class MeasureProgress(BaseModel):
    """Milestones of one measure within the caller's organization."""

    measure: str
    name: TwoNames
    planned: int
    reported: int
    returned: int
    reached: int
    cancelled: int
    overdue: int


class PlanProgressOut(BaseModel):
    """How far every measure of a plan has come."""

    plan: str
    on: dt.date
    measures: list[MeasureProgress]


def plan_out(row: ActionPlan) -> ActionPlanOut:
    """A plan as callers see it."""
    return ActionPlanOut(
        **row.content,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        code=row.code,
        org_path=row.org_path,
        version=row.version,
    )


def milestone_out(row: Milestone, plan: str, actor: Actor, today: dt.date) -> MilestoneOut:
    """A milestone as the actor sees it today."""
    kept = {name: getattr(row, name) for name in MilestoneIn.model_fields}
    return MilestoneOut(
        **kept,
        plan=plan,
        code=row.code,
        organization=code_of(row.org_path),
        state=MilestoneState(row.state),
        is_overdue=is_overdue(row, today),
        reported_on=row.reported_on,
        reached_on=row.reached_on,
        actions=[step for step in possible_steps(row, actor) if PERMISSIONS.grants[STEPS[step]].allows(actor)],
        version=row.version,
    )


def milestone_detail(
    row: Milestone, entries: Sequence[MilestoneEntry], plan: str, actor: Actor, today: dt.date
) -> MilestoneDetail:
    """A milestone with its thread."""
    said = [
        MilestoneEntryOut(id=entry.id, action=entry.action, body=entry.body, author_org=entry.author_org, at=entry.at)
        for entry in entries
    ]
    return MilestoneDetail(**milestone_out(row, plan, actor, today).model_dump(), entries=said)
