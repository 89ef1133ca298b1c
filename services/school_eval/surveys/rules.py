"""Pure decisions about surveys: who may be asked, when, and whether answers fit their questions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from shared.terms.errors import DomainError, Fault

#: The grade of most pupils who are 14: below it guardians answer (PIPL §31). A parameter, not checked against any text.
STUDENTS_FROM_GRADE = 9
TEXT_LENGTH = 1_000


class Audience(StrEnum):
    """Who is asked."""

    STUDENTS = "students"
    GUARDIANS = "guardians"
    TEACHERS = "teachers"


class ItemKind(StrEnum):
    """What an answer is."""

    SCALE = "scale"
    TEXT = "text"


def require_lawful(audience: Audience, from_grade: int | None) -> None:
    """Pupils under 14 are not asked themselves.

    Raises:
        DomainError: ``survey.too_young``.
    """
    if audience is Audience.STUDENTS and (from_grade is None or from_grade < STUDENTS_FROM_GRADE):
        raise DomainError("survey.too_young", params={"grade": STUDENTS_FROM_GRADE})


def require_open(opens_on: dt.date, closes_on: dt.date, today: dt.date) -> None:
    """Answers are taken from the first day to the last.

    Raises:
        DomainError: ``survey.closed``.
    """
    if not opens_on <= today <= closes_on:
        raise DomainError("survey.closed", params={"first": opens_on.isoformat(), "last": closes_on.isoformat()})


def require_answers(items: Sequence[Mapping[str, Any]], answers: Mapping[str, Any]) -> None:
    """Every answer fits its question, and there is at least one.

    Raises:
        DomainError: ``request.invalid`` with each that does not; ``survey.empty``.
    """
    faults = list(_faults(items, answers))
    if faults:
        raise DomainError("request.invalid", faults=faults)
    if not answers:
        raise DomainError("survey.empty")


def _faults(items: Sequence[Mapping[str, Any]], answers: Mapping[str, Any]) -> Iterator[Fault]:
    known = {item["code"]: item for item in items}
    for code, answer in answers.items():
        item = known.get(code)
        pointer = f"/answers/{code}"
        if item is None:
            yield Fault("field.unknown", pointer=pointer, allowed=", ".join(known))
        elif item["kind"] == ItemKind.SCALE:
            if isinstance(answer, bool) or not isinstance(answer, int) or not 1 <= answer <= item["points"]:
                yield Fault("field.invalid", pointer=pointer, allowed=f"1–{item['points']}")
        elif not isinstance(answer, str) or not 1 <= len(answer.strip()) <= TEXT_LENGTH:
            yield Fault("field.invalid", pointer=pointer, allowed=f"1–{TEXT_LENGTH} 字 / characters")
