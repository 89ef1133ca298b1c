"""Professional conduct of teachers: the ten rules, what a violation brings and for how long, from dated data. Pure."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from shared.policy.annual_assessment import AnnualGrade

_FILE = Path(__file__).with_name("conduct.yaml")
_YEAR = 12


@dataclass(frozen=True, slots=True)
class Source:
    """A document, the day it is in force from, and whether the text was checked against it."""

    document: str
    in_force_from: dt.date
    verified: bool


@dataclass(frozen=True, slots=True)
class ConductRule:
    """One of the ten rules: its number in the list, and its name in ``zh`` and ``en``."""

    code: str
    number: int
    name: Mapping[str, str]
    source: Source


class HandlingKind(StrEnum):
    """What a handling is in law."""

    SANCTION = "sanction"
    """处分"""
    OTHER = "other"
    """其他处理"""


class PayEffect(StrEnum):
    """What becomes of the incentive part of pay, mildest first."""

    NONE = "none"
    DEFERRED = "deferred"
    """Paid out when the period is over."""
    FORFEITED = "forfeited"
    """No points and no floor; it stays with the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """One thing that a decision may bring.

    Args:
        code: e.g. ``demerit``.
        name: in ``zh`` and ``en``.
        kind: sanction or other.
        severity: the higher, the more severe.
        months: how long it holds, fixed.
        least_months: the least a decision may set, where it sets it.
        no_end: whether it holds for good.
        decided_by: levels that may decide it: ``school``, ``county``, ``city``.
        fails_ethics: whether the year in which it takes effect is failed.
        grade_cap: the best grade of any other year that it reaches into.
        pay: what becomes of the incentive part.
        pay_months: for how many months; ``None``: as long as it holds.
        source: of the handling.
        effect_source: of what it does to grades and pay.
    """

    code: str
    name: Mapping[str, str]
    kind: HandlingKind
    severity: int
    months: int | None
    least_months: int | None
    no_end: bool
    decided_by: tuple[str, ...]
    fails_ethics: bool
    grade_cap: AnnualGrade
    pay: PayEffect
    pay_months: int | None
    source: Source
    effect_source: Source


@dataclass(frozen=True, slots=True)
class Imposed:
    """What a decision imposes: a handling, and months where the decision sets them."""

    handling: str
    months: int | None = None


@dataclass(frozen=True, slots=True)
class HandlingObjection:
    """Why something cannot be imposed: a code of the catalogue, and figures for its words."""

    code: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Effect:
    """A handling in time.

    Args:
        handling: its code.
        first_on: first day it holds.
        last_on: last day; ``None``: for good.
        pay_last_on: last day of its effect on pay; ``None``: for good.
    """

    handling: str
    first_on: dt.date
    last_on: dt.date | None
    pay_last_on: dt.date | None

    def holds_over(self, first_day: dt.date, last_day: dt.date) -> bool:
        """Whether any day of a period is one of its own; what was ended before its first day has none."""
        first = max(self.first_on, first_day)
        return self.first_on <= last_day and (self.last_on is None or self.last_on >= first)

    def until(self, day: dt.date) -> Effect:
        """The same, ended early with a day."""
        return Effect(self.handling, self.first_on, _earlier(self.last_on, day), _earlier(self.pay_last_on, day))


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands on a day or over a period.

    Args:
        handling: the most severe one that holds; ``None``: nothing does.
        grade_cap: the best annual grade; ``None`` without a limit.
        pay: what becomes of the incentive part.
        until: last day of what holds longest; ``None``: for good, or nothing holds.
    """

    handling: str | None
    grade_cap: AnnualGrade | None
    pay: PayEffect
    until: dt.date | None

    @property
    def is_clear(self) -> bool:
        """Whether nothing holds."""
        return self.handling is None


CLEAR = Standing(None, None, PayEffect.NONE, None)


def handling_objections(imposed: Sequence[Imposed], level: str) -> tuple[HandlingObjection, ...]:
    """What the law says against imposing something; empty when it may be.

    Args:
        imposed: of known handlings.
        level: of those who decide: ``school``, ``county``, ``city``.
    """
    known, found = handlings(), []
    codes = [each.handling for each in imposed]
    if len(set(codes)) < len(codes):
        found.append(HandlingObjection("conduct.handling_twice", {}))
    if sum(known[code].kind is HandlingKind.SANCTION for code in set(codes)) > 1:
        found.append(HandlingObjection("conduct.two_sanctions", {}))
    for each in imposed:
        handling = known[each.handling]
        params = {"handling": handling.name["zh"], "handling_en": handling.name["en"]}
        if level not in handling.decided_by:
            levels = {"level": level, "allowed": ", ".join(handling.decided_by)}
            found.append(HandlingObjection("conduct.other_level_decides", params | levels))
        if (words := _wrong_months(handling, each.months)) is not None:
            months = {"months": str(each.months or 0), "expected": words}
            found.append(HandlingObjection("conduct.months_unlawful", params | months))
    return tuple(found)


def effect_of(imposed: Imposed, *, decided_on: dt.date, effective_on: dt.date) -> Effect:
    """A handling in time. It never reaches back before the day it takes effect.

    Args:
        imposed: lawful, as :func:`handling_objections` says.
        decided_on: day of the decision.
        effective_on: day it takes effect, when nothing can be said against it any more.
    """
    handling = handlings()[imposed.handling]
    counted = decided_on if _content()["counted_from"]["value"] == "decision" else effective_on
    if handling.no_end:
        return Effect(handling.code, effective_on, None, None)
    months = handling.months or imposed.months or 0
    last_on = effective_on if months == 0 else max(_last_day(counted, months), effective_on)
    pay_months = min(handling.pay_months or months, months)
    pay_last_on = last_on if pay_months == months else max(_last_day(counted, pay_months), effective_on)
    return Effect(handling.code, effective_on, last_on, pay_last_on)


def standing_over(effects: Sequence[Effect], first_day: dt.date, last_day: dt.date) -> Standing:
    """How somebody stands over a period that is assessed or paid for: the strictest of everything that touches it.

    Args:
        effects: of one person, those in effect only.
        first_day: of the period.
        last_day: of the period; raises ``ValueError`` before the first.
    """
    if last_day < first_day:
        raise ValueError(f"no period: {first_day} to {last_day}")
    holding = [effect for effect in effects if effect.holds_over(first_day, last_day)]
    if not holding:
        return CLEAR
    known, cap, pay = handlings(), AnnualGrade.EXCELLENT, PayEffect.NONE
    for effect in holding:
        handling = known[effect.handling]
        is_of_period = first_day <= effect.first_on <= last_day
        failed = failed_ethics_grade() if handling.fails_ethics and is_of_period else None
        cap = cap.capped(handling.grade_cap).capped(failed)
        if effect.pay_last_on is None or effect.pay_last_on >= first_day:
            pay = _stricter(pay, handling.pay)
    return _standing(holding, cap, pay)


def standing_on(effects: Sequence[Effect], day: dt.date) -> Standing:
    """How somebody stands on one day: what holds on it, without what a whole year would make of it."""
    holding = [effect for effect in effects if effect.holds_over(day, day)]
    if not holding:
        return CLEAR
    known, cap, pay = handlings(), AnnualGrade.EXCELLENT, PayEffect.NONE
    for effect in holding:
        cap = cap.capped(known[effect.handling].grade_cap)
        if effect.pay_last_on is None or effect.pay_last_on >= day:
            pay = _stricter(pay, known[effect.handling].pay)
    return _standing(holding, cap, pay)


def forfeited_months(effects: Sequence[Effect], months: Iterable[str]) -> frozenset[str]:
    """Months of which the incentive part is forfeited: those on whose first day it is, so that as many go as were imposed.

    Args:
        effects: of one person, those in effect only.
        months: as ``2026-09``.
    """
    forfeiting = [effect for effect in effects if handlings()[effect.handling].pay is PayEffect.FORFEITED]
    return frozenset(month for month in months if any(_pays_nothing(effect, month) for effect in forfeiting))


def severity_of(standing: Standing) -> int:
    """How many grades a standing takes away: 0 of nothing, 1 of the best grade alone, up to 3."""
    return 0 if standing.grade_cap is None else list(AnnualGrade).index(standing.grade_cap)


def most_severe(codes: Sequence[str]) -> str | None:
    """The most severe of some handlings; ``None`` of none."""
    return max(codes, key=lambda code: handlings()[code].severity, default=None)


def may_suspend(rules: Sequence[str], level: str) -> bool:
    """Whether duties may be suspended while a case about some rules is open, by those of a level."""
    entry = _content()["suspension"]
    return level in entry["decided_by"] and any(rule in entry["rules"] for rule in rules)


def erased_on(over_on: dt.date, *, is_confirmed: bool) -> dt.date:
    """The day from which personal details of a case that is over are kept no longer."""
    entry = _content()["retention"]["over" if is_confirmed else "not_confirmed"]
    return _last_day(over_on, entry["months"]) + dt.timedelta(days=1)


def failed_ethics_grade() -> AnnualGrade:
    """The grade of a year whose ethics assessment is failed."""
    return AnnualGrade(_content()["failed_ethics_grade"]["value"])


@cache
def conduct_rules() -> Mapping[str, ConductRule]:
    """The ten rules by code, in their order."""
    return {
        code: ConductRule(code, entry["number"], entry["name"], _source(entry["document"]))
        for code, entry in _content()["rules"].items()
    }


@cache
def handlings() -> Mapping[str, Handling]:
    """Everything that a decision may bring, by code."""
    return {code: _handling(code, entry) for code, entry in _content()["handlings"].items()}


def _handling(code: str, entry: Mapping[str, Any]) -> Handling:
    return Handling(
        code=code,
        name=entry["name"],
        kind=HandlingKind(entry["kind"]),
        severity=entry["severity"],
        months=entry.get("months"),
        least_months=entry.get("least_months"),
        no_end=entry.get("no_end", False),
        decided_by=tuple(entry["decided_by"]),
        fails_ethics=entry["fails_ethics"],
        grade_cap=AnnualGrade(entry["grade_cap"]),
        pay=PayEffect(entry["pay"]),
        pay_months=entry.get("pay_months"),
        source=_source(entry["document"]),
        effect_source=_source(entry["effect_document"]),
    )


def _wrong_months(handling: Handling, months: int | None) -> str | None:
    """What the months ought to be, where they are not."""
    if handling.least_months is not None:
        return None if months is not None and months >= handling.least_months else f"≥ {handling.least_months}"
    if handling.months is not None:
        return None if months in (None, handling.months) else str(handling.months)
    return None if months is None else "-"


def _standing(holding: Sequence[Effect], cap: AnnualGrade, pay: PayEffect) -> Standing:
    ends = [effect.last_on for effect in holding]
    until = None if None in ends else max(end for end in ends if end is not None)
    limit = None if cap is AnnualGrade.EXCELLENT else cap
    return Standing(most_severe([effect.handling for effect in holding]), limit, pay, until)


def _pays_nothing(effect: Effect, month: str) -> bool:
    first = dt.date.fromisoformat(f"{month}-01")
    return effect.first_on <= first and (effect.pay_last_on is None or first <= effect.pay_last_on)


def _stricter(one: PayEffect, other: PayEffect) -> PayEffect:
    return max(one, other, key=list(PayEffect).index)


def _earlier(one: dt.date | None, other: dt.date) -> dt.date:
    return other if one is None else min(one, other)


def _last_day(first_on: dt.date, months: int) -> dt.date:
    """Last day of so many months: the day before the same day of the month, or the month's last where it has none."""
    years, month = divmod(first_on.month - 1 + months, _YEAR)
    year, month = first_on.year + years, month + 1
    length = calendar.monthrange(year, month)[1]
    if first_on.day > length:
        return dt.date(year, month, length)
    return dt.date(year, month, first_on.day) - dt.timedelta(days=1)


def _source(name: str) -> Source:
    return Source(**_content()["documents"][name])


@cache
def _content() -> Mapping[str, Any]:
    content: Mapping[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    return content
