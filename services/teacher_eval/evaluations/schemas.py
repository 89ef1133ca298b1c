"""Evaluations as people enter them, others judge them and all concerned read them."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from services.teacher_eval.cycles.rules import SchoolState
from services.teacher_eval.cycles.schemas import MemberOut, StaffKey
from services.teacher_eval.evaluations.rules import DISPUTE_LIFE, Action, DisputeState, Judge
from services.teacher_eval.evaluations.tables import EvaluationEntry, FigureDispute
from services.teacher_eval.permissions import DISPUTE_STEPS, PERMISSIONS
from shared.kernel.web.fields import Strict
from shared.kits.fields import Caption, Reason, Words
from shared.kits.schemes.said import EntryIn, JudgementIn, LeafCode, Value
from shared.scoring.scheme.entered_values import Raw, applies, shown
from shared.scoring.scheme.tree import Leaf
from shared.terms.actor import Actor


class EntriesIn(Strict):
    """Values entered together, all or none."""

    items: list[EntryIn] = Field(min_length=1, max_length=200)


class JudgementsIn(Strict):
    """Judgements made together, all or none."""

    items: list[JudgementIn] = Field(min_length=1, max_length=200)


class BallotIn(Strict):
    """What a democratic appraisal found of somebody."""

    staff_key: StaffKey
    value: Value
    ballots: int = Field(ge=0, le=100_000, description="有效票数 / valid ballots")


class BallotsIn(Strict):
    """The outcome of a democratic appraisal on one leaf."""

    leaf: LeafCode
    source: Caption = Field(description="测评记录（时间、参加人数、计票人） / the record of the vote")
    items: list[BallotIn] = Field(min_length=1, max_length=2_000)


class SubmitIn(Strict):
    """A self-evaluation submitted; leaders hand in their report of duties."""

    statement: Words | None = Field(default=None, description="述职报告 / the report of duties")


class ReasonIn(Strict):
    """A step that needs a reason."""

    reason: Reason


class DisputeIn(Strict):
    """An objection to a figure filled in."""

    leaf: LeafCode
    claimed_value: Value = Field(description="本人认为的数值 / what it should be")
    reason: Reason


class DecisionIn(Strict):
    """A decision on a dispute; accepted with a value, that value counts from now on."""

    reason: Reason
    value: Value = None

    @property
    def is_corrected(self) -> bool:
        """Whether a value was given."""
        return "value" in self.model_fields_set


class FigureOut(BaseModel):
    """A figure filled in by the platform, and where it is from."""

    value: Raw
    standard_error: float | None
    origin: dict[str, Any] | None


class LeafOut(BaseModel):
    """A leaf of one person: what may be entered, what stands, who said it."""

    leaf: str
    name: dict[str, str]
    value_kind: str
    choices: list[str]
    evaluators: list[str]
    source: dict[str, str]
    applies: bool
    value: Raw
    judge: Judge | None
    action: Action | None
    note: str | None
    set_at: dt.datetime | None
    evidence_count: int
    figure: FigureOut | None


class SheetOut(BaseModel):
    """One person's evaluation with every leaf."""

    cycle: str
    school_state: SchoolState
    member: MemberOut
    statement: str | None
    figures_confirmed_at: dt.datetime | None
    leaves: list[LeafOut]


class EntryOut(BaseModel):
    """Something said on a value."""

    value: Raw
    judge: Judge
    action: Action
    note: str | None
    ballots: int | None
    by_organization: str
    set_at: dt.datetime


class MaterialOut(BaseModel):
    """A leader's report of duties as it is shown to the school."""

    staff_key: str
    name: str
    track: str
    statement: str | None
    shown_at: str


class MissingOut(BaseModel):
    """What a person still owes before submitting."""

    count: int
    items: list[dict[str, str]]


class DisputeOut(BaseModel):
    """A dispute over a figure filled in."""

    id: uuid.UUID
    staff_key: str
    leaf: str
    state: DisputeState
    shown_value: str | None
    claimed_value: str | None
    reason: str
    raised_at: dt.datetime
    decided_value: str | None
    decision_reason: str | None
    ended_at: dt.datetime | None
    actions: list[str]


def leaf_out(
    leaf: Leaf, attributes: Mapping[str, Any], entry: EvaluationEntry | None, figure: FigureOut | None, files: int
) -> LeafOut:
    """A leaf of one person: the last word spoken counts, else the figure filled in."""
    filled = None if figure is None else figure.value
    return LeafOut(
        leaf=leaf.code,
        name={"zh": leaf.name.zh, "en": leaf.name.en},
        value_kind=leaf.rule.value_kind,
        choices=list(leaf.rule.choices),
        evaluators=list(leaf.evaluators),
        source={"kind": leaf.source.kind, "key": leaf.source.key},
        applies=applies(leaf, attributes),
        value=shown(leaf, entry.value) if entry else filled,
        judge=Judge(entry.judge) if entry else None,
        action=Action(entry.action) if entry else None,
        note=entry.note if entry else None,
        set_at=entry.set_at if entry else None,
        evidence_count=files,
        figure=figure,
    )


def entry_out(row: EvaluationEntry, leaf: Leaf) -> EntryOut:
    """An entry of the history; who exactly it was stays with the audit log."""
    return EntryOut(
        value=shown(leaf, row.value),
        judge=Judge(row.judge),
        action=Action(row.action),
        note=row.note,
        ballots=row.ballots,
        by_organization=row.author_org,
        set_at=row.set_at,
    )


def dispute_out(row: FigureDispute, actor: Actor) -> DisputeOut:
    """A dispute as callers see it."""
    state = DisputeState(row.state)
    plain = set(DisputeOut.model_fields) - {"state", "actions"}
    steps = [step for step in DISPUTE_LIFE.actions(state) if PERMISSIONS.grants[DISPUTE_STEPS[step]].allows(actor)]
    return DisputeOut(state=state, actions=steps, **{name: getattr(row, name) for name in plain})
