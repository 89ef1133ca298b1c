"""What an exam says of its comprehensive undergraduate rate (本科综合上线率): categories, their marks and their lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from pydantic import Field, model_validator

from services.monitoring.exams.fields import Exact, Name, Strict, SubjectCode
from shared.kernel.web.validation import refused
from shared.policy.undergraduate_rate import undergraduate_rate
from shared.scoring.cut_lines.composite import Composite
from shared.scoring.cut_lines.lines import CutLine
from shared.scoring.cut_lines.undergraduate import ALL_CATEGORIES
from shared.scoring.subjects import Subject
from shared.terms.errors import DomainError, Fault

#: Columns of a mark sheet, and of a stored one.
CATEGORY, PROFESSIONAL = "candidate_category", "professional_mark"
LINE = "undergraduate"


class CategoryLineIn(Strict):
    """A category's undergraduate line in one track, on the category's own composite mark."""

    track: SubjectCode = Field(default="all", examples=["physics"])
    mark: Exact = Field(examples=["400"])


class CategoryIn(Strict):
    """A category of candidates; names of the usual ones (general, arts, sports) may be left out."""

    code: SubjectCode = Field(examples=["general"])
    name_zh: Name | None = None
    name_en: Name | None = None
    total_weight: Exact = Field(default="1", description="文化成绩（总分）权重 / weight of the total")
    professional_weight: Exact = Field(default="0", description="专业成绩权重 / weight of the professional mark")
    professional_full_mark: Exact | None = Field(
        default=None, description="专业成绩满分 / its full mark", examples=["300"]
    )
    lines: list[CategoryLineIn] = Field(min_length=1, max_length=4)

    @model_validator(mode="after")
    def _is_named_and_marked(self) -> CategoryIn:
        usual = undergraduate_rate().categories.get(self.code, {})
        self.name_zh, self.name_en = self.name_zh or usual.get("zh"), self.name_en or usual.get("en")
        if self.name_zh is None or self.name_en is None:
            raise refused("exam.category_without_name", category=self.code)
        weighs = Decimal(self.professional_weight) > 0
        if weighs != (self.professional_full_mark is not None and Decimal(self.professional_full_mark) > 0):
            raise refused("exam.category_professional_mark", category=self.code)
        return self


class UndergraduateIn(Strict):
    """The comprehensive undergraduate rate: observed for the city as a whole, never for a school (H5)."""

    categories: list[CategoryIn] = Field(min_length=1, max_length=12)
    default_category: SubjectCode | None = Field(
        default=None, description="未填考生类别时的类别 / of candidates without one; otherwise every row needs its own"
    )
    document: str | None = Field(
        default=None,
        min_length=3,
        max_length=200,
        description="口径所依据的文件 / the document the definition rests on",
    )


def undergraduate_faults(definition: Mapping[str, Any], tracks: set[str]) -> Iterator[Fault]:
    """What contradicts itself: categories twice or reserved, lines of unknown tracks, tracks without a line."""
    entry = definition.get("undergraduate")
    if entry is None:
        return
    codes = [category["code"] for category in entry["categories"]]
    if entry["default_category"] not in (None, *codes):
        pointer, allowed = "/undergraduate/default_category", ", ".join(codes)
        yield Fault("field.not_allowed", pointer=pointer, allowed=allowed, params={"allowed": allowed})
    words = [word for category in entry["categories"] for word in {category["code"], category["name_zh"]}]
    for word in sorted({word for word in words if words.count(word) > 1}):
        yield Fault("scoring.plan_duplicate", pointer="/undergraduate/categories", value=word)
    for number, category in enumerate(entry["categories"]):
        pointer = f"/undergraduate/categories/{number}"
        if category["code"] == ALL_CATEGORIES:
            yield Fault("scoring.plan_reserved_name", pointer=pointer, value=ALL_CATEGORIES)
        given = [line["track"] for line in category["lines"]]
        if sorted(given) != sorted(tracks):
            named = ", ".join(sorted(tracks))
            yield Fault("exam.category_lines", pointer=f"{pointer}/lines", allowed=named, params={"tracks": named})
    for subject in definition["subjects"]:
        if subject["code"] in (CATEGORY, PROFESSIONAL):
            yield Fault("scoring.plan_reserved_name", pointer="/subjects", value=subject["code"])


def require_composites(definition: Mapping[str, Any], totals: Mapping[str, Subject]) -> None:
    """Refuses composites that lie on no grid, and lines outside them.

    Args:
        definition: an exam's definition.
        totals: grid of the total by track.

    Raises:
        DomainError: ``scoring.plan_invalid``, ``scoring.lines_invalid``.
    """
    faults = []
    for code, (composite, lines) in categories_of(definition).items():
        for line in lines:
            grid = composite.grid(totals[line.track])
            if line.mark is not None and line.mark > grid.full_mark:
                value, allowed = f"{code} {line.track} {line.mark}", f"0-{grid.full_mark}"
                faults.append(Fault("scoring.line_out_of_range", value=value, allowed=allowed))
    if faults:
        raise DomainError("scoring.lines_invalid", faults=faults)


def categories_of(definition: Mapping[str, Any]) -> dict[str, tuple[Composite, tuple[CutLine, ...]]]:
    """Composite and lines by category; empty where the exam has no such rate."""
    entry = definition.get("undergraduate") or {"categories": []}
    return {
        category["code"]: (
            Composite(
                total_weight=Decimal(category["total_weight"]),
                professional_weight=Decimal(category["professional_weight"]),
                professional_full_mark=Decimal(category["professional_full_mark"] or 0),
            ),
            tuple(CutLine(code=LINE, track=line["track"], mark=Decimal(line["mark"])) for line in category["lines"]),
        )
        for category in entry["categories"]
    }


def category_words(definition: Mapping[str, Any]) -> dict[str, str]:
    """Code by every word for a category that a mark sheet may hold."""
    entry = definition.get("undergraduate") or {"categories": []}
    return {word: item["code"] for item in entry["categories"] for word in (item["name_zh"], item["code"])}
