"""Pure decisions about one person's evaluation: who says what when, whose word counts, what is still missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.teacher_eval.cycles.rules import SchoolState
from shared.scoring.scheme.entered_values import applies
from shared.scoring.scheme.tree import Evaluator, Leaf, Method, Scheme
from shared.terms.actor import Actor
from shared.terms.errors import DomainError, Fault
from shared.workflow.transitions import Transition, TransitionTable


class Judge(StrEnum):
    """Who set a value; each later one counts over those before."""

    SELF = "self"
    APPRAISERS = "appraisers"
    SCHOOL = "school"
    COUNTY = "county"
    DISPUTE = "dispute"
    """A computed figure that the person disputed with success."""
    RULING = "ruling"
    """The ruling of an objection."""


class Action(StrEnum):
    """What somebody did with a value."""

    ENTERED = "entered"
    CONFIRMED = "confirmed"
    CHANGED = "changed"


class DisputeState(StrEnum):
    """States of a dispute over a figure that the platform filled in."""

    RAISED = "raised"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


_D = DisputeState
DISPUTE_LIFE = TransitionTable[DisputeState](
    (
        Transition("accept", frozenset({_D.RAISED}), _D.ACCEPTED),
        Transition("refuse", frozenset({_D.RAISED}), _D.REFUSED),
        Transition("withdraw", frozenset({_D.RAISED}), _D.WITHDRAWN),
    )
)
#: Figures are disputed until the others judge.
DISPUTING = (SchoolState.OPENED, SchoolState.SELF_EVALUATION)
#: In which state of the school who judges.
TURNS: Mapping[Judge, SchoolState] = {
    Judge.SELF: SchoolState.SELF_EVALUATION,
    Judge.APPRAISERS: SchoolState.DEMOCRATIC_APPRAISAL,
    Judge.SCHOOL: SchoolState.COMPREHENSIVE_ASSESSMENT,
    Judge.COUNTY: SchoolState.COMPREHENSIVE_ASSESSMENT,
}
_EVALUATOR = {
    Judge.SELF: Evaluator.SELF,
    Judge.APPRAISERS: Evaluator.APPRAISERS,
    Judge.SCHOOL: Evaluator.SCHOOL,
    Judge.COUNTY: Evaluator.COUNTY,
}
_ORDER = tuple(Judge)


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of a leaf: its value as text (``None``: stated to be absent) and who set it last."""

    value: str | None
    judge: Judge


def leaves_of(scheme: Scheme, attributes: Mapping[str, Any], judge: Judge) -> list[Leaf]:
    """Leaves that somebody enters or judges of a person with these attributes, in the scheme's order."""
    return [leaf for leaf in scheme.leaves() if _EVALUATOR[judge] in leaf.evaluators and applies(leaf, attributes)]


def require_other(actor: Actor, staff_key: str) -> None:
    """Nobody judges oneself: ``evaluation.own``."""
    if actor.is_person(staff_key):
        raise DomainError("evaluation.own")


def is_above(held: Judge, judge: Judge) -> bool:
    """Whether a value was set by somebody over whom a judge has no say."""
    return _ORDER.index(held) > _ORDER.index(judge)


def is_settled(held: Held | None, judge: Judge) -> bool:
    """Whether a judge, or somebody above, has spoken on a value."""
    return held is not None and not _ORDER.index(held.judge) < _ORDER.index(judge)


def unsettled(leaves: Sequence[Leaf], held: Mapping[str, Held], judge: Judge) -> list[str]:
    """Leaves on which neither a judge nor anybody above has spoken."""
    return [leaf.code for leaf in leaves if not is_settled(held.get(leaf.code), judge)]


def missing_to_submit(
    required: Sequence[Leaf],
    held: Mapping[str, Held],
    *,
    with_evidence: Collection[str],
    is_evidence_required: bool,
    needs_statement: bool,
    statement: str | None,
) -> list[Fault]:
    """What a person still owes before submitting.

    Args:
        required: leaves the person enters.
        held: what has been entered.
        with_evidence: leaves with at least one file.
        is_evidence_required: whether the cycle asks for files where documents are looked at.
        needs_statement: whether the track asks for a report of duties.
        statement: the report.
    """
    faults = []
    for leaf in required:
        known, params = held.get(leaf.code), {"leaf": leaf.code}
        if known is None:
            faults.append(Fault("evaluation.value_missing", pointer=f"leaf:{leaf.code}", params=params))
        elif needs_file(leaf, known, is_required=is_evidence_required) and leaf.code not in with_evidence:
            faults.append(Fault("evaluation.evidence_missing", pointer=f"leaf:{leaf.code}", params=params))
    if needs_statement and not statement:
        faults.append(Fault("evaluation.statement_missing", pointer="/statement", params={}))
    return faults


def needs_file(leaf: Leaf, held: Held, *, is_required: bool) -> bool:
    """Whether a value has to be shown by a file: it is judged by documents, and there is one to be shown."""
    return is_required and Method.DOCUMENTS in leaf.methods and held.value is not None
