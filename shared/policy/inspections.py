"""Quotas and numbers of the inspection of the two routines (两项常规), from dated data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from shared.policy.dated import in_force_on, last_in_force
from shared.terms.organization import OrgLevel

_FILE = Path(__file__).with_name("inspections.yaml")


class Period(StrEnum):
    """The time in which a quota is to be met."""

    SCHOOL_YEAR = "school_year"
    SEMESTER = "semester"


class Covered(StrEnum):
    """Which schools a quota is about."""

    ALL = "all"
    CITY_RUN = "city_run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How many schools an office visits in a period.

    Args:
        code: e.g. ``city_schools``.
        name: in ``zh`` and ``en``.
        level: whose quota it is.
        period: when it is to be met.
        of: which schools it is about.
        least_count: schools, or ``None``.
        least_rate: share of the schools there are, or ``None``.
        least_rural_rate: share of rural schools among those visited, or ``None``.
        document: its source.
        verified: whether that was checked against the official text.
    """

    code: str
    name: Mapping[str, str]
    level: OrgLevel
    period: Period
    of: Covered
    least_count: int | None
    least_rate: Decimal | None
    least_rural_rate: Decimal | None
    document: str
    verified: bool

    def needed(self, total: int) -> int:
        """How many schools it takes where there are ``total``: never more than there are."""
        count = self.least_count or 0
        share = int((self.least_rate * total).to_integral_value(ROUND_CEILING)) if self.least_rate is not None else 0
        return min(max(count, share), total)

    def rural_needed(self, visited: int, rural_total: int) -> int:
        """How many rural schools it takes among ``visited``: never more than there are."""
        if self.least_rural_rate is None:
            return 0
        return min(int((self.least_rural_rate * visited).to_integral_value(ROUND_CEILING)), rural_total)


@dataclass(frozen=True, slots=True)
class QuotaStanding:
    """How far a quota is met.

    Args:
        needed: schools it takes.
        visited: schools visited, each counted once.
        rural_needed: rural schools it takes, when as many schools were visited as are needed or more.
        rural_visited: rural schools visited.
        is_met: whether both are reached.
    """

    needed: int
    visited: int
    rural_needed: int
    rural_visited: int
    is_met: bool


@dataclass(frozen=True, slots=True)
class Number:
    """A number that visits go by, with the document it stands in."""

    code: str
    name: Mapping[str, str]
    value: Decimal
    document: str
    verified: bool


def standing(quota: Quota, *, total: int, visited: int, rural_total: int, rural_visited: int) -> QuotaStanding:
    """How far a quota is met by counts of the schools it is about."""
    needed = quota.needed(total)
    rural_needed = quota.rural_needed(max(needed, visited), rural_total)
    is_met = visited >= needed and rural_visited >= rural_needed
    return QuotaStanding(needed, visited, rural_needed, rural_visited, is_met)


def quotas_on(level: OrgLevel, day: dt.date) -> tuple[Quota, ...]:
    """Quotas of a level in force on a day."""
    entries = [(code, content) for code, content in _content()["quotas"].items() if content["level"] == level]
    found = ((code, content, last_in_force(content["values"], day)) for code, content in entries)
    return tuple(_quota(code, content, value) for code, content, value in found if value is not None)


def number_on(code: str, day: dt.date) -> Number:
    """A number in force on a day.

    Raises:
        KeyError: no such number.
        DomainError: ``policy.not_in_force`` for a day before it came into force.
    """
    content = _content()["numbers"][code]
    value = in_force_on(content["values"], day, code=code)
    return Number(code, content["name"], Decimal(str(value["value"])), value["document"], content["verified"])


def days_on(code: str, day: dt.date) -> int:
    """A number of days, years or visits in force on a day."""
    return int(number_on(code, day).value)


def is_rural(urban_rural: str | None, day: dt.date) -> bool:
    """Whether a school counts as rural (农村); one whose place is unknown does not."""
    value = last_in_force(_content()["rural_codes"]["values"], day)
    return value is not None and urban_rural in value["value"]


def _quota(code: str, content: Mapping[str, Any], value: Mapping[str, Any]) -> Quota:
    rates = {name: Decimal(value[name]) if name in value else None for name in ("least_rate", "least_rural_rate")}
    return Quota(
        code=code,
        name=content["name"],
        level=OrgLevel(content["level"]),
        period=Period(content["period"]),
        of=Covered(content["of"]),
        least_count=value.get("least_count"),
        document=value["document"],
        verified=content["verified"],
        **rates,
    )


@cache
def _content() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(_FILE.read_text("utf-8"))
    return found
