"""Questions as data, and whether answers fit them."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from shared.kernel.web.fields import OwnCode, Strict, TwoNames
from shared.terms.errors import DomainError, Fault

TEXT_LENGTH = 1_000
#: The grade of most pupils who are 14: below it guardians answer (PIPL §31). A parameter, not checked against any text.
STUDENTS_FROM_GRADE = 9

Question = Annotated[str, StringConstraints(min_length=2, max_length=300, strip_whitespace=True)]


class ItemKind(StrEnum):
    """What an answer is."""

    SCALE = "scale"
    TEXT = "text"


class TwoQuestions(Strict):
    """A question in both languages."""

    zh: Question
    en: Question


class SurveyItem(Strict):
    """One question: a scale of so many points (1 the worst), or free text."""

    code: OwnCode
    question: TwoQuestions
    kind: ItemKind = ItemKind.SCALE
    points: Annotated[int, Field(ge=2, le=10)] = 5


class QuestionnaireIn(Strict):
    """What is asked. Names, contacts and occupations are never asked for."""

    name: TwoNames
    items: list[SurveyItem] = Field(min_length=1, max_length=60)

    @model_validator(mode="after")
    def _codes_once(self) -> Self:
        codes = [item.code for item in self.items]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"代码重复 / codes stand twice: {', '.join(twice)}")
        if all(item.kind is ItemKind.TEXT for item in self.items):
            raise ValueError("至少一道量表题 / at least one question has a scale")
        return self


def require_old_enough(grade_level: int | None) -> None:
    """Pupils under 14 are not asked themselves.

    Args:
        grade_level: the lowest grade asked, if it is known.

    Raises:
        DomainError: ``survey.too_young``.
    """
    if grade_level is None or grade_level < STUDENTS_FROM_GRADE:
        raise DomainError("survey.too_young", params={"grade": STUDENTS_FROM_GRADE})


def require_answers(items: Sequence[Mapping[str, Any]], answers: Mapping[str, Any], *, at: str = "/answers") -> None:
    """Every answer fits its question, and there is at least one.

    Args:
        items: questions, as :class:`SurveyItem` dumps them.
        answers: by code of the question.
        at: where the answers stand in the body.

    Raises:
        DomainError: ``request.invalid`` with each that does not; ``survey.empty``.
    """
    faults = list(answer_faults(items, answers, at=at))
    if faults:
        raise DomainError("request.invalid", faults=faults)
    if not answers:
        raise DomainError("survey.empty")


def answer_faults(items: Sequence[Mapping[str, Any]], answers: Mapping[str, Any], *, at: str) -> Iterator[Fault]:
    """Each answer that does not fit its question."""
    known = {item["code"]: item for item in items}
    for code, answer in answers.items():
        item = known.get(code)
        pointer = f"{at}/{code}"
        if item is None:
            yield Fault("field.unknown", pointer=pointer, allowed=", ".join(known))
        elif item["kind"] == ItemKind.SCALE:
            if isinstance(answer, bool) or not isinstance(answer, int) or not 1 <= answer <= item["points"]:
                yield Fault("field.invalid", pointer=pointer, allowed=f"1–{item['points']}")
        elif not isinstance(answer, str) or not 1 <= len(answer.strip()) <= TEXT_LENGTH:
            yield Fault("field.invalid", pointer=pointer, allowed=f"1–{TEXT_LENGTH} 字 / characters")
