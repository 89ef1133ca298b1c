"""Findings as callers write and read them."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, Field

from services.school_eval.findings.rules import STEPS, FindingState, Severity, is_overdue, possible_steps
from services.school_eval.findings.tables import Finding, FindingEntry
from services.school_eval.permissions import PERMISSIONS
from services.school_eval.visits.schemas import ItemKey
from shared.kernel.web.fields import Strict
from shared.kits.fields import Caption, Words
from shared.terms.actor import Actor

Judgment = Literal["return", "close", "escalate", "withdraw"]


class FindingIn(Strict):
    """Something a visit found."""

    visit: uuid.UUID
    item: ItemKey
    severity: Severity
    description: Words = Field(description="问题描述，不写个人姓名号码 / what was found, without names")


class WordsIn(Strict):
    """The words of a step."""

    text: Words


class PlanIn(WordsIn):
    """How, by whom and by when a school will mend it."""

    responsible_post: Caption = Field(description="责任岗位，不写姓名 / the post that sees to it, no name")
    done_by: dt.date | None = Field(
        default=None, description="承诺完成日期，须在期限内 / the day promised, within what is allowed"
    )


class JudgmentIn(WordsIn):
    """What the office decides; closing what is more than minor names the revisit."""

    revisit: uuid.UUID | None = None


class EntryOut(BaseModel):
    """One step or remark."""

    action: str
    body: str
    author_org: str
    at: dt.datetime


class FindingOut(BaseModel):
    """A finding."""

    id: uuid.UUID
    visit_id: uuid.UUID
    school_code: str
    county_code: str
    school_name_zh: str
    item_key: str
    severity: Severity
    description: str
    state: FindingState
    owner_level: str
    due_on: dt.date
    is_due_provisional: bool
    is_overdue: bool
    repeats_id: uuid.UUID | None
    repeat_count: int
    escalation_count: int
    responsible_post: str | None
    revisit_id: uuid.UUID | None
    raised_on: dt.date
    closed_on: dt.date | None
    actions: list[str]
    version: int


class FindingDetail(FindingOut):
    """A finding with everything that was said."""

    entries: list[EntryOut]


class BoardRow(BaseModel):
    """Findings of a county."""

    county_code: str
    states: dict[FindingState, int]
    overdue: int
    repeated: int
    escalated: int
    median_days_to_close: float | None


class BoardOut(BaseModel):
    """Findings county by county, as of a day."""

    on: dt.date
    items: list[BoardRow]


_KEPT = tuple(name for name in FindingOut.model_fields if name not in ("actions", "is_overdue"))


def finding_out(row: Finding, actor: Actor, today: dt.date) -> FindingOut:
    """A finding as the actor sees it."""
    steps = [step for step in possible_steps(row, actor) if PERMISSIONS.grants[STEPS[step]].allows(actor)]
    kept = {name: getattr(row, name) for name in _KEPT}
    return FindingOut(**kept, actions=steps, is_overdue=is_overdue(row, today))


def finding_detail(row: Finding, entries: Sequence[FindingEntry], actor: Actor, today: dt.date) -> FindingDetail:
    """A finding with its thread."""
    said = [EntryOut.model_validate(entry, from_attributes=True) for entry in entries]
    return FindingDetail(**finding_out(row, actor, today).model_dump(), entries=said)
