"""Pure decisions about trainings: kinds, the life of a program and of an enrollment, which hours count."""

from __future__ import annotations

import datetime as dt
import math
import statistics
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from shared.scoring.rounding import half_away_from_zero
from shared.scoring.statistics.base import Z_95
from shared.terms.errors import DomainError
from shared.workflow.transitions import Transition, TransitionTable


class TrainingLevel(StrEnum):
    """Who runs a training: 国培、省培、市培、县培、校本."""

    NATIONAL = "national"
    PROVINCIAL = "provincial"
    CITY = "city"
    COUNTY = "county"
    SCHOOL = "school"


class Direction(StrEnum):
    """Where it takes place (measure 5 of the plan)."""

    SENT_OUT = "sent_out"
    """送出去."""
    INVITED_IN = "invited_in"
    """请进来."""
    LOCAL = "local"
    ONLINE = "online"


class Focus(StrEnum):
    """What it is about: trainings by subject and by management, as the plan divides them, and conduct."""

    SUBJECT_TEACHING = "subject_teaching"
    HOMEROOM = "homeroom"
    LEADERSHIP = "leadership"
    RESEARCH = "research"
    DIGITAL = "digital"
    CONDUCT = "conduct"
    SAFETY = "safety"


class ProgramState(StrEnum):
    """States of a program."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class EnrollmentState(StrEnum):
    """States of somebody in a program."""

    ENROLLED = "enrolled"
    COMPLETED = "completed"
    NOT_COMPLETED = "not_completed"
    WITHDRAWN = "withdrawn"


class RatedItem(StrEnum):
    """What participants rate, 1 to 5."""

    CONTENT = "content"
    TEACHING = "teaching"
    ORGANIZATION = "organization"
    USEFULNESS = "usefulness"


_P = ProgramState
PROGRAM_LIFE = TransitionTable[ProgramState](
    (
        Transition("open", frozenset({_P.PLANNED}), _P.OPEN),
        Transition("close", frozenset({_P.OPEN}), _P.CLOSED),
        Transition("reopen", frozenset({_P.CLOSED}), _P.OPEN),
        Transition("cancel", frozenset({_P.PLANNED, _P.OPEN}), _P.CANCELLED),
    )
)
_E = EnrollmentState
ENROLLMENT_LIFE = TransitionTable[EnrollmentState](
    (
        Transition("complete", frozenset({_E.ENROLLED, _E.NOT_COMPLETED}), _E.COMPLETED),
        Transition("fail", frozenset({_E.ENROLLED}), _E.NOT_COMPLETED),
        Transition("withdraw", frozenset({_E.ENROLLED}), _E.WITHDRAWN),
        Transition("enroll_again", frozenset({_E.WITHDRAWN, _E.NOT_COMPLETED}), _E.ENROLLED),
    )
)


def require_attended(hours: Decimal, attended: Decimal, least_rate: Decimal) -> None:
    """Who completes has attended enough, and not more than there was.

    Raises:
        DomainError: ``training.attendance_short``, ``training.attendance_over``.
    """
    if attended > hours:
        raise DomainError("training.attendance_over", params={"hours": str(hours), "attended": str(attended)})
    if attended < hours * least_rate:
        least = str((hours * least_rate).normalize())
        raise DomainError("training.attendance_short", params={"attended": str(attended), "least": least})


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursRecord:
    """A training that somebody completed, wherever it was recorded."""

    id: str
    title: str
    hours: Decimal
    completed_on: dt.date


def counted(records: Sequence[HoursRecord]) -> dict[str, str | None]:
    """Which records count: the same training recorded twice counts once.

    Two records are the same training when title (without blanks, width and case), day and hours are the same.

    Returns:
        By id, the id of the record it repeats, or ``None`` where it counts.
    """
    first: dict[tuple[str, dt.date, Decimal], str] = {}
    found: dict[str, str | None] = {}
    for record in sorted(records, key=lambda each: (each.completed_on, each.id)):
        title = "".join(unicodedata.normalize("NFKC", record.title).casefold().split())
        key = (title, record.completed_on, record.hours)
        found[record.id] = first.get(key)
        first.setdefault(key, record.id)
    return found


def rated(points: Sequence[int], *, of: int) -> tuple[float, tuple[float, float]]:
    """Mean of at least two ratings with its interval, for all who could rate (as ``shared/scoring/surveys.py`` has it).

    Args:
        points: 1 to 5.
        of: how many could have rated.

    Returns:
        The mean and its 95 % interval within the scale, to two decimals.
    """
    n, mean = len(points), statistics.fmean(points)
    margin = Z_95 * math.sqrt(max(1 - n / of, 0) * statistics.variance(points) / n)
    low, high = max(mean - margin, 1), min(mean + margin, 5)
    shown = [float(half_away_from_zero(value, 2)) for value in (mean, low, high)]
    return shown[0], (shown[1], shown[2])
