"""Papers as callers write and read them."""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from services.monitoring.exams.fields import Exact, Strict
from services.monitoring.papers.rules import ItemKind, PartialCredit
from services.monitoring.papers.tables import Paper

ItemCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$")]
Label = Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
Answer = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,8}$")]
MOST_ITEMS = 200


class ItemIn(Strict):
    """One item; alternatives of which a candidate answers one are one item."""

    code: ItemCode = Field(examples=["12"])
    name: Label | None = None
    kind: ItemKind
    full_mark: Exact
    step: Exact | None = Field(default=None, description="默认为学科步长 / the subject's by default")
    options: list[str] = Field(default_factory=list, max_length=26, examples=[["A", "B", "C", "D"]])
    key: Answer | None = Field(default=None, description="多选题按字母顺序，如 AC / several letters in order: AC")
    partial_credit: PartialCredit = PartialCredit.NONE
    partial_mark: Exact | None = None
    knowledge_points: list[Label] = Field(default_factory=list, max_length=20)
    competencies: list[Label] = Field(default_factory=list, max_length=20)
    cognitive_level: Label | None = None
    question_type: Label | None = None


class PaperIn(Strict):
    """The items of a paper, in order."""

    marks_from_options: bool = Field(
        default=False, description="选择题得分由作答与答案得出 / marks of choice items follow from option and key"
    )
    items: list[ItemIn] = Field(min_length=1, max_length=MOST_ITEMS)


class CorrectKeyIn(Strict):
    """A key that was wrong; the reason is audited."""

    item: ItemCode
    key: Answer
    reason: str = Field(min_length=5, max_length=500)


class PaperSummary(BaseModel):
    """A paper in a list: no item and no key."""

    subject: str
    item_count: int
    marks_from_options: bool
    version: int
    updated_at: dt.datetime


class CorrectionOut(BaseModel):
    """A key corrected after sheets had come in."""

    item: str
    old_key: str
    new_key: str
    reason: str
    corrected_at: dt.datetime


class ItemOut(BaseModel):
    """An item."""

    code: str
    name: str | None
    kind: ItemKind
    full_mark: str
    step: str
    options: list[str]
    key: str | None
    partial_credit: PartialCredit
    partial_mark: str | None
    knowledge_points: list[str]
    competencies: list[str]
    cognitive_level: str | None
    question_type: str | None


class PaperOut(PaperSummary):
    """A paper with its items and keys."""

    exam: str
    items: list[ItemOut]
    corrections: list[CorrectionOut]


Format = Literal["xlsx", "csv"]


def paper_summary(paper: Paper) -> PaperSummary:
    """A paper in a list."""
    return PaperSummary(**_summary(paper))


def paper_out(paper: Paper, exam_code: str) -> PaperOut:
    """A paper on its own."""
    return PaperOut(
        **_summary(paper),
        exam=exam_code,
        items=[ItemOut(**item) for item in paper.content["items"]],
        corrections=[CorrectionOut(**entry) for entry in paper.corrections],
    )


def _summary(paper: Paper) -> dict[str, Any]:
    return {
        "subject": paper.subject,
        "item_count": len(paper.content["items"]),
        "marks_from_options": paper.content["marks_from_options"],
        "version": paper.version,
        "updated_at": paper.updated_at,
    }
