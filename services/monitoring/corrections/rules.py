"""Pure decisions about corrections: the life of a request, and when one may be asked for and granted."""

from __future__ import annotations

from enum import StrEnum

from services.monitoring.exams.rules import ExamState
from shared.terms.errors import DomainError
from shared.workflow.transitions import Transition, TransitionTable


class CorrectionState(StrEnum):
    """States of a request for correction."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    CLOSED = "closed"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"


_S = CorrectionState
LIFE = TransitionTable[CorrectionState](
    (
        Transition("accept", frozenset({_S.ASKED}), _S.ACCEPTED),
        Transition("refuse", frozenset({_S.ASKED}), _S.REFUSED),
        Transition("cancel", frozenset({_S.ASKED, _S.ACCEPTED}), _S.CANCELLED),
        # A new sheet of the school is in force, or all schools may send again.
        Transition("close", frozenset({_S.ASKED, _S.ACCEPTED}), _S.CLOSED),
        # The deadline passed and no sheet came.
        Transition("lapse", frozenset({_S.ACCEPTED}), _S.LAPSED),
    )
)
#: A school has one request at a time in these.
OPEN = frozenset({CorrectionState.ASKED, CorrectionState.ACCEPTED})
#: Days a school may be given for its new sheet.
DEADLINE_DAYS = (1, 14)
#: Once marks can no longer simply be sent, a correction is asked for.
ASKABLE = frozenset({ExamState.CHECKING, ExamState.SEALED, ExamState.ANALYZED, ExamState.PUBLISHED})


def require_askable(state: ExamState) -> None:
    """Refuses a request where none is needed or nothing changes any more: ``correction.not_askable``."""
    if state not in ASKABLE:
        raise DomainError("correction.not_askable", params={"state": state})


def require_grantable(state: ExamState) -> None:
    """A correction is granted while schools check; later the city reopens first: ``correction.needs_reopening``."""
    if state is not ExamState.CHECKING:
        raise DomainError("correction.needs_reopening", params={"state": state})
