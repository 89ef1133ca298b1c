"""Pure decisions about schools on the way to a recognition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel
from shared.workflow.transitions import Transition, TransitionTable


class CandidateState(StrEnum):
    """States of a school in a program."""

    NOMINATED = "nominated"
    CULTIVATED = "cultivated"
    APPLIED = "applied"
    RETURNED = "returned"
    RECOGNIZED = "recognized"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"


class Verdict(StrEnum):
    """Whether a criterion is met."""

    MET = "met"
    PARTLY_MET = "partly_met"
    NOT_MET = "not_met"
    NOT_APPLICABLE = "not_applicable"


_S = CandidateState
LIFE = TransitionTable[CandidateState](
    (
        Transition("accept", frozenset({_S.NOMINATED}), _S.CULTIVATED),
        Transition("apply", frozenset({_S.CULTIVATED, _S.RETURNED}), _S.APPLIED),
        Transition("return", frozenset({_S.APPLIED}), _S.RETURNED),
        Transition("recognize", frozenset({_S.APPLIED}), _S.RECOGNIZED),
        Transition("withdraw", frozenset({_S.NOMINATED, _S.CULTIVATED, _S.APPLIED, _S.RETURNED}), _S.WITHDRAWN),
        Transition("revoke", frozenset({_S.RECOGNIZED}), _S.REVOKED),
        Transition("nominate_again", frozenset({_S.WITHDRAWN, _S.REVOKED}), _S.NOMINATED),
    )
)
#: Permission of each step.
STEPS = {
    "accept": "cultivation.decide",
    "apply": "cultivation.apply",
    "return": "cultivation.decide",
    "recognize": "cultivation.decide",
    "withdraw": "cultivation.apply",
    "revoke": "cultivation.decide",
    "nominate_again": "cultivation.apply",
}
#: A school reports how it stands; only what an office has seen counts towards recognition.
_OFFICES = frozenset({OrgLevel.CITY, OrgLevel.COUNTY})
_MEETS = frozenset({Verdict.MET, Verdict.NOT_APPLICABLE})


def open_criteria(criteria: Sequence[Mapping[str, Any]], assessments: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Criteria that no office has found met, in the program's order."""
    return [
        criterion["code"]
        for criterion in criteria
        if (found := assessments.get(criterion["code"])) is None
        or found["verdict"] not in _MEETS
        or found["assessed_at_level"] not in _OFFICES
    ]


def require_recognizable(
    criteria: Sequence[Mapping[str, Any]], assessments: Mapping[str, Mapping[str, Any]], document: str | None
) -> None:
    """A recognition needs every criterion met in the eyes of an office, and the document that grants it.

    Raises:
        DomainError: ``cultivation.criteria_open`` naming them; ``cultivation.document_missing``.
    """
    if missing := open_criteria(criteria, assessments):
        raise DomainError("cultivation.criteria_open", params={"criteria": ", ".join(missing)})
    if not document:
        raise DomainError("cultivation.document_missing")
