"""Pure decisions about one school's evaluation: whose turn it is, what a value may be, what is still missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.scoring.scheme.entered_values import applies
from shared.scoring.scheme.tree import Evaluator, Leaf, Method, Scheme
from shared.terms.errors import DomainError, Fault
from shared.workflow.transitions import Transition, TransitionTable


class EvaluationState(StrEnum):
    """States of one school's evaluation."""

    OPEN = "open"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    REVIEWED = "reviewed"
    VERIFIED = "verified"


_S = EvaluationState
LIFE = TransitionTable[EvaluationState](
    (
        Transition("submit", frozenset({_S.OPEN, _S.RETURNED}), _S.SUBMITTED),
        # The school takes its submission back while the others still work.
        Transition("recall", frozenset({_S.SUBMITTED}), _S.OPEN),
        Transition("return", frozenset({_S.SUBMITTED, _S.REVIEWED}), _S.RETURNED),
        Transition("review", frozenset({_S.SUBMITTED}), _S.REVIEWED),
        Transition("reopen_review", frozenset({_S.REVIEWED, _S.VERIFIED}), _S.SUBMITTED),
        Transition("verify", frozenset({_S.REVIEWED}), _S.VERIFIED),
    )
)
ENTERING = frozenset({_S.OPEN, _S.RETURNED})


class Judge(StrEnum):
    """Who set a value."""

    SCHOOL = "school"
    COUNTY = "county"
    CITY = "city"
    DISPUTE = "dispute"
    """A computed figure that a school disputed with success."""
    RULING = "ruling"
    """The ruling of an appeal."""


class Action(StrEnum):
    """What somebody did with a value."""

    ENTERED = "entered"
    CONFIRMED = "confirmed"
    CHANGED = "changed"
    RETURNED = "returned"


class DisputeState(StrEnum):
    """States of a dispute over a prefilled figure."""

    RAISED = "raised"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


DISPUTE_LIFE = TransitionTable[DisputeState](
    (
        Transition("accept", frozenset({DisputeState.RAISED}), DisputeState.ACCEPTED),
        Transition("refuse", frozenset({DisputeState.RAISED}), DisputeState.REFUSED),
        Transition("withdraw", frozenset({DisputeState.RAISED}), DisputeState.WITHDRAWN),
    )
)


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of a leaf: its value as text (``None``: stated to be absent) and who set it last."""

    value: str | None
    judge: Judge


def is_computed(leaf: Leaf) -> bool:
    """Whether nobody enters a leaf."""
    return Evaluator.PLATFORM in leaf.evaluators


def leaves_for(scheme: Scheme, attributes: Mapping[str, Any], judge: Evaluator) -> list[Leaf]:
    """Leaves that somebody enters or judges of a school with these attributes, in the scheme's order."""
    return [leaf for leaf in scheme.leaves() if judge in leaf.evaluators and applies(leaf, attributes)]


def codes_above(scheme: Scheme) -> dict[str, tuple[str, ...]]:
    """Of every leaf its own code and those of the nodes above it."""
    return {node.code: (*above, node.code) for above, node in scheme.nodes() if isinstance(node, Leaf)}


def require_delegated(leaves: Iterable[str], *, delegated: Collection[str], above: Mapping[str, Sequence[str]]) -> None:
    """Somebody who is not the school's head enters what was handed to them, and nothing else.

    Args:
        leaves: what they want to enter.
        delegated: nodes handed to them; none at all means they may enter nothing.
        above: see :func:`codes_above`.

    Raises:
        DomainError: ``evaluation.not_delegated`` naming the leaves.
    """
    foreign = [leaf for leaf in leaves if not set(above[leaf]) & set(delegated)]
    if foreign:
        raise DomainError("evaluation.not_delegated", params={"leaves": ", ".join(foreign[:20])})


def missing_to_submit(
    required: Sequence[Leaf], held: Mapping[str, Held], *, with_evidence: Collection[str], is_evidence_required: bool
) -> list[Fault]:
    """What a school still owes before it can submit.

    A value may be stated to be absent, but it has to be stated; what is judged by documents needs one.

    Args:
        required: leaves the school enters.
        held: what it has entered.
        with_evidence: leaves with at least one file.
        is_evidence_required: whether the campaign asks for files.
    """
    faults = []
    for leaf in required:
        if leaf.code not in held:
            faults.append(Fault("evaluation.value_missing", pointer=f"leaf:{leaf.code}", params={"leaf": leaf.code}))
        elif needs_evidence(leaf, held[leaf.code], is_required=is_evidence_required) and leaf.code not in with_evidence:
            faults.append(Fault("evaluation.evidence_missing", pointer=f"leaf:{leaf.code}", params={"leaf": leaf.code}))
    return faults


def needs_evidence(leaf: Leaf, held: Held, *, is_required: bool) -> bool:
    """Whether a value has to be shown by a file: it is judged by documents, and there is one to be shown."""
    return is_required and Method.DOCUMENTS in leaf.methods and held.value is not None


def unjudged(leaves: Sequence[Leaf], held: Mapping[str, Held], judges: Collection[Judge]) -> list[str]:
    """Leaves whose last word was not spoken by one of these judges."""
    return [leaf.code for leaf in leaves if leaf.code not in held or held[leaf.code].judge not in judges]
