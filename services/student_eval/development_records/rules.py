"""Pure decisions about process records: who writes them when, and where they belong in the table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from enum import StrEnum

from services.student_eval.development_terms.rules import DevelopmentState, may_teach
from shared.scoring.scheme.tree import Scheme
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

#: First month of a school year; a holiday's work before it counts too.
_FIRST_MONTH, _LAST_DAY = 7, (8, 31)


class ProcessRecordKind(StrEnum):
    """What is written down."""

    RECORD = "record"
    MILESTONE = "milestone"


class Writer(StrEnum):
    """Who wrote it."""

    STUDENT = "student"
    TEACHER = "teacher"


#: When each writes.
TIMES = {
    Writer.STUDENT: (DevelopmentState.RECORDING,),
    Writer.TEACHER: (DevelopmentState.RECORDING, DevelopmentState.JUDGING),
}


def writer_of(actor: Actor, student_key: str, teachers: Collection[str]) -> Writer:
    """As whom somebody writes of a pupil: raises ``development.not_yours``."""
    if actor.is_person(student_key):
        return Writer.STUDENT
    if may_teach(actor, teachers):
        return Writer.TEACHER
    raise DomainError("development.not_yours")


def require_writer(row_writer: str, row_by: str, writer: Writer, subject: str) -> None:
    """A record is changed by whoever wrote it: raises ``development.record_of_others``."""
    if (row_writer, row_by) != (writer, subject):
        raise DomainError("development.record_of_others")


def indicator_of(scheme: Scheme, node: str) -> str:
    """The indicator a record belongs under: raises ``development.node_unknown``."""
    for above, found in scheme.nodes():
        if found.code == node and above:
            return above[1] if len(above) > 1 else node
    raise DomainError("development.node_unknown", params={"node": node})


def require_day(day: dt.date, school_year: str, today: dt.date) -> None:
    """Within the school year and not to come: raises ``development.day_not_believed``."""
    first_year, last_year = (int(year) for year in school_year.split("-"))
    first, last = dt.date(first_year, _FIRST_MONTH, 1), min(dt.date(last_year, *_LAST_DAY), today)
    if not first <= day <= last:
        raise DomainError("development.day_not_believed", params={"first": first, "last": last})
