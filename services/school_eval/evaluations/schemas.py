"""Evaluations as schools enter them, offices judge them and all read them."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from services.school_eval.campaigns.rules import CampaignState, knows_draw
from services.school_eval.campaigns.tables import Campaign
from services.school_eval.evaluations.rules import (
    DISPUTE_LIFE,
    LIFE,
    Action,
    DisputeState,
    EvaluationState,
    Judge,
)
from services.school_eval.evaluations.tables import Delegation, Dispute, LeafEntry, SchoolEvaluation
from services.school_eval.permissions import DISPUTE_STEPS, EVALUATION_STEPS, PERMISSIONS
from shared.kernel.web.fields import Reason, Strict
from shared.kits.schemes.said import EntryIn, JudgementIn, LeafCode, Value
from shared.scoring.scheme.entered_values import Raw, shown
from shared.scoring.scheme.tree import Leaf
from shared.terms.actor import Actor

Account = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@/:-]{0,119}$")]


class EntriesIn(Strict):
    """Values entered together, all or none."""

    items: list[EntryIn] = Field(min_length=1, max_length=500)


class JudgementsIn(Strict):
    """Judgements made together, all or none."""

    items: list[JudgementIn] = Field(min_length=1, max_length=500)


class ReturnedLeafIn(Strict):
    """What of a leaf has to be mended."""

    leaf: LeafCode
    reason: Reason


class ReturnIn(Strict):
    """A submission returned to its school."""

    reason: Reason
    leaves: list[ReturnedLeafIn] = Field(default_factory=list, max_length=500)


class DelegationIn(Strict):
    """A leaf or a node of the scheme handed to an account of the school."""

    node: LeafCode
    account: Account


class DisputeIn(Strict):
    """An objection to a prefilled figure."""

    leaf: LeafCode
    claimed_value: Value = Field(description="学校认为的数值 / what it should be")
    reason: Reason


class DecisionIn(Strict):
    """A decision on a dispute; accepted with a value, that value counts from now on."""

    reason: Reason
    value: Value = None

    @property
    def is_corrected(self) -> bool:
        """Whether a value was given."""
        return "value" in self.model_fields_set


class PrefilledOut(BaseModel):
    """A figure filled in by the platform, and where it is from."""

    value: Raw
    standard_error: float | None
    origin: dict[str, Any] | None


class LeafOut(BaseModel):
    """A leaf of one school: what may be entered, what stands, who said it."""

    leaf: str
    name: dict[str, str]
    value_kind: str
    choices: list[str]
    evaluators: list[str]
    methods: list[str]
    source: dict[str, str]
    applies: bool
    value: Raw
    judge: Judge | None
    action: Action | None
    note: str | None
    school_value: Raw
    set_at: dt.datetime | None
    evidence_count: int
    prefilled: PrefilledOut | None


class EvaluationOut(BaseModel):
    """A school's evaluation."""

    campaign: str
    school_code: str
    county_code: str
    name_zh: str
    state: EvaluationState
    state_reason: str | None
    actions: list[str]
    is_drawn: bool | None
    attributes: dict[str, str | list[str] | None]
    asked_count: int
    figures_confirmed_at: dt.datetime | None
    submitted_at: dt.datetime | None
    reviewed_at: dt.datetime | None
    verified_at: dt.datetime | None
    version: int


class EvaluationSheetOut(EvaluationOut):
    """A school's evaluation with every leaf."""

    leaves: list[LeafOut]


class BoardRowOut(EvaluationOut):
    """A school on the board: how many leaves have been entered and judged."""

    counts: dict[str, int]


class EntryOut(BaseModel):
    """Something said on a value."""

    value: Raw
    judge: Judge
    action: Action
    note: str | None
    by_organization: str
    set_by: str
    set_at: dt.datetime


class DelegationOut(BaseModel):
    """A delegation."""

    id: uuid.UUID
    node: str
    account: str
    made_at: dt.datetime
    ended_at: dt.datetime | None


class DisputeOut(BaseModel):
    """A dispute over a prefilled figure."""

    id: uuid.UUID
    school_code: str
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


class MissingOut(BaseModel):
    """What a school still owes before it can submit."""

    count: int
    items: list[dict[str, str]]


def evaluation_out(row: SchoolEvaluation, campaign: Campaign, actor: Actor) -> EvaluationOut:
    """An evaluation as somebody sees it; nobody below the city learns beforehand whether it was drawn."""
    return EvaluationOut(**_members(row, campaign, actor))


def board_row(row: SchoolEvaluation, campaign: Campaign, actor: Actor, counts: Mapping[str, int]) -> BoardRowOut:
    """A row of the board."""
    return BoardRowOut(**_members(row, campaign, actor), counts={judge: counts.get(judge, 0) for judge in Judge})


def sheet_out(row: SchoolEvaluation, campaign: Campaign, actor: Actor, leaves: list[LeafOut]) -> EvaluationSheetOut:
    """An evaluation with its leaves."""
    return EvaluationSheetOut(**_members(row, campaign, actor), leaves=leaves)


def _members(row: SchoolEvaluation, campaign: Campaign, actor: Actor) -> dict[str, Any]:
    state = EvaluationState(row.state)
    own = ("school_code", "county_code", "name_zh", "state_reason", "attributes", "asked_count", "version")
    moments = ("figures_confirmed_at", "submitted_at", "reviewed_at", "verified_at")
    is_told = knows_draw(CampaignState(campaign.state), is_leading=actor.covers(campaign.org_path))
    return {name: getattr(row, name) for name in (*own, *moments)} | {
        "campaign": campaign.code,
        "state": state,
        "actions": [step for step in LIFE.actions(state) if PERMISSIONS.grants[EVALUATION_STEPS[step]].allows(actor)],
        "is_drawn": row.is_drawn if is_told else None,
    }


def entry_out(row: LeafEntry, leaf: Leaf) -> EntryOut:
    """An entry of the history."""
    return EntryOut(
        value=shown(leaf, row.value),
        judge=Judge(row.judge),
        action=Action(row.action),
        note=row.note,
        by_organization=row.author_org,
        set_by=row.set_by,
        set_at=row.set_at,
    )


def delegation_out(row: Delegation) -> DelegationOut:
    """A delegation as callers see it."""
    return DelegationOut(id=row.id, node=row.node, account=row.account, made_at=row.made_at, ended_at=row.ended_at)


def dispute_out(row: Dispute, actor: Actor) -> DisputeOut:
    """A dispute as callers see it."""
    state = DisputeState(row.state)
    steps = DISPUTE_LIFE.actions(state)
    return DisputeOut(
        id=row.id,
        school_code=row.school_code,
        leaf=row.leaf,
        state=state,
        shown_value=row.shown_value,
        claimed_value=row.claimed_value,
        reason=row.reason,
        raised_at=row.raised_at,
        decided_value=row.decided_value,
        decision_reason=row.decision_reason,
        ended_at=row.ended_at,
        actions=[step for step in steps if PERMISSIONS.grants[DISPUTE_STEPS[step]].allows(actor)],
    )
