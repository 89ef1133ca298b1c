"""What the law says of the annual assessment (年度考核): grades, the quota of the best, who has no grade, tracks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("annual_assessment.yaml")


class AnnualGrade(StrEnum):
    """Grades of the annual assessment (档次), best first."""

    EXCELLENT = "excellent"
    QUALIFIED = "qualified"
    BASICALLY_QUALIFIED = "basically_qualified"
    UNQUALIFIED = "unqualified"

    def is_within(self, cap: AnnualGrade | None) -> bool:
        """Whether it is no better than a cap."""
        order = list(AnnualGrade)
        return cap is None or order.index(self) >= order.index(cap)

    def capped(self, cap: AnnualGrade | None) -> AnnualGrade:
        """It, or the cap where that is worse."""
        return self if cap is None or self.is_within(cap) else cap


class Rounding(StrEnum):
    """How a share of people becomes a number of people."""

    FLOOR = "floor"
    HALF_UP = "half_up"
    CEILING = "ceiling"


_MODES = {Rounding.FLOOR: ROUND_FLOOR, Rounding.HALF_UP: ROUND_HALF_UP, Rounding.CEILING: ROUND_CEILING}


@dataclass(frozen=True, slots=True)
class QuotaRule:
    """Shares of those who take part that may be graded excellent.

    Args:
        usual: without an approval.
        raised: the most that an approval may allow.
        rounding: of the number.
        document: the source.
        verified: whether everything was checked against it.
    """

    usual: Decimal
    raised: Decimal
    rounding: Rounding
    document: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Ungraded:
    """Why somebody takes part without a grade, and whether the quota counts them."""

    code: str
    name: Mapping[str, str]
    counts: bool
    document: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Track:
    """What a kind of post does before others judge, and who grades it.

    Args:
        code: ``principal``, ``leader`` or ``teacher``.
        name: in ``zh`` and ``en``.
        self_steps: in order: ``submitted``, ``material_reviewed``, ``material_shown``.
        graded_by: ``school`` or ``county``.
        in_school_quota: whether its people count in the school's quota.
        document: the source.
        verified: whether that was checked against it.
    """

    code: str
    name: Mapping[str, str]
    self_steps: Sequence[str]
    graded_by: str
    in_school_quota: bool
    document: str
    verified: bool


@dataclass(frozen=True, slots=True)
class LeastTotals:
    """From which total on ``qualified`` and ``basically_qualified`` are proposed."""

    qualified: Decimal
    basically_qualified: Decimal

    def grade_of(self, total: Decimal) -> AnnualGrade:
        """The grade proposed for a total, but for the best, which a quota decides."""
        if total >= self.qualified:
            return AnnualGrade.QUALIFIED
        return AnnualGrade.BASICALLY_QUALIFIED if total >= self.basically_qualified else AnnualGrade.UNQUALIFIED


def quota_count(base: int, rate: Decimal, rounding: Rounding) -> int:
    """How many of ``base`` people may be graded excellent at a rate.

    Raises:
        ValueError: a negative base, or a rate outside 0 to 1.
    """
    if base < 0 or not 0 <= rate <= 1:
        raise ValueError(f"no share of people: {rate} of {base}")
    return int((base * rate).to_integral_value(_MODES[rounding]))


def quota_rule() -> QuotaRule:
    """The quota of the best."""
    entry = _content()["quota"]
    return QuotaRule(
        usual=Decimal(entry["usual"]["rate"]),
        raised=Decimal(entry["raised"]["rate"]),
        rounding=Rounding(entry["rounding"]["rule"]),
        document=_content()["document"],
        verified=all(part["verified"] for part in entry.values()),
    )


@cache
def ungraded_reasons() -> Mapping[str, Ungraded]:
    """Reasons for no grade, by code."""
    return {code: Ungraded(code, **entry) for code, entry in _content()["ungraded"].items()}


@cache
def tracks() -> Mapping[str, Track]:
    """Tracks by code."""
    return {
        code: Track(code, **(entry | {"self_steps": tuple(entry["self_steps"])}))
        for code, entry in _content()["tracks"].items()
    }


def track_of_post(post: str | None) -> Track:
    """The track of a post of the roster, unless the school says that its holder is the principal."""
    return tracks()["leader" if post in _content()["leader_posts"]["codes"] else "teacher"]


def least_totals() -> LeastTotals:
    """Totals from which grades are proposed where a cycle says nothing else."""
    entry = _content()["least_totals"]
    return LeastTotals(Decimal(entry["qualified"]), Decimal(entry["basically_qualified"]))


def reviewable_grades() -> frozenset[AnnualGrade]:
    """Grades against which a person may ask for a review."""
    return frozenset(AnnualGrade(grade) for grade in _content()["reviewable"])


def grade_names() -> Mapping[str, Mapping[str, str]]:
    """Names of the grades by code, best first."""
    return {entry["grade"]: entry["name"] for entry in _content()["grades"]}


def in_force_from() -> dt.date:
    """The first day these rules are in force."""
    day: dt.date = _content()["in_force_from"]
    return day


@cache
def _content() -> Mapping[str, Any]:
    content: Mapping[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    return content
