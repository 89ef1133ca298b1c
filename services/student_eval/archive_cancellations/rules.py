"""The life of a cancellation: proposed by one, the pupil heard, confirmed by another. Pure."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any, Protocol

from services.student_eval.archives.rules import record_of, require_open
from services.student_eval.archives.state import ArchiveState
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.workflow.transitions import Transition, TransitionTable


class CancellationState(StrEnum):
    """States of a cancellation."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DROPPED = "dropped"


_S = CancellationState
CANCELLATION_LIFE = TransitionTable[CancellationState](
    (
        Transition("confirm", frozenset({_S.PROPOSED}), _S.CONFIRMED),
        Transition("drop", frozenset({_S.PROPOSED}), _S.DROPPED),
    )
)


class Proposed(Protocol):
    """A cancellation, as stored."""

    state: Any
    student_key: Any
    record_id: Any
    term: Any
    proposed_by: Any
    statement: Any
    statement_until: Any


def require_proposable(state: ArchiveState, record_id: Any, term: str) -> None:
    """What stands in a verified term is cancelled by this procedure; before, doubts are raised.

    Raises:
        DomainError: ``resource.not_found``, ``archive.record_gone``, ``archive_cancellation.not_verified``.
    """
    record_of(state, record_id, term)
    if term not in state.verified_terms:
        raise DomainError("archive_cancellation.not_verified", params={"term": term})


def require_confirmable(row: Proposed, archive: ArchiveState, actor: Actor, at: dt.datetime) -> None:
    """Another person confirms, the pupil was heard or had the time, and the archive is open.

    Raises:
        DomainError: ``archive_cancellation.own_proposal``, ``archive_cancellation.not_heard``, ``archive.sealed``,
            ``archive.record_gone``.
    """
    if row.proposed_by == actor.subject:
        raise DomainError("archive_cancellation.own_proposal")
    if row.statement is None and at < row.statement_until:
        raise DomainError("archive_cancellation.not_heard", params={"until": row.statement_until.isoformat()})
    require_open(archive)
    record_of(archive, row.record_id, row.term)


def require_statable(row: Proposed) -> None:
    """The pupil, or a guardian, says something once, while nothing is decided.

    Raises:
        DomainError: ``archive_cancellation.decided``, ``archive_cancellation.stated``.
    """
    if row.state != CancellationState.PROPOSED:
        raise DomainError("archive_cancellation.decided", params={"state": row.state})
    if row.statement is not None:
        raise DomainError("archive_cancellation.stated")
