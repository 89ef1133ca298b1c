"""How long pupils' data are kept, and what becomes of them then. From dated data. Pure."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("retention.yaml")
_MONTHS = 12


class Method(StrEnum):
    """What becomes of data whose time is over."""

    ERASE_CONTENT = "erase_content"
    """内容清除，记录与校验值保留"""
    DELETE = "delete"
    """删除"""
    KEEP = "keep"
    """保留"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long a kind of data is kept.

    Args:
        code: the kind.
        name: by language.
        counted_from: what begins the period, by language.
        months: its length; ``None``: kept.
        method: what becomes of it.
        document: where that stands.
        in_force_from: first day.
        verified: whether it was compared with the text.
    """

    code: str
    name: Mapping[str, str]
    counted_from: Mapping[str, str]
    months: int | None
    method: Method
    document: str
    in_force_from: dt.date
    verified: bool

    def due_on(self, first: dt.date) -> dt.date | None:
        """The first day on which data that began to count on a day are past their time; ``None``: never."""
        return None if self.months is None else _moved(first, self.months)

    def began_before(self, today: dt.date) -> dt.date | None:
        """The last day from which data that began to count are past their time today; ``None``: never."""
        return None if self.months is None else _moved(today, -self.months)


@cache
def retention_policy() -> Mapping[str, Retention]:
    """Every kind, by code."""
    content = yaml.safe_load(_FILE.read_text("utf-8"))
    return {
        code: Retention(
            code=code,
            name=entry["name"],
            counted_from=entry["counted_from"],
            months=entry.get("months"),
            method=Method(entry["method"]),
            **content["documents"][entry["document"]],
        )
        for code, entry in content["kinds"].items()
    }


def school_year_end(school_year: str) -> dt.date:
    """Last day of ``2026-2027``: 31 August."""
    return dt.date(int(school_year[5:]), 8, 31)


def _moved(day: dt.date, months: int) -> dt.date:
    """The same day so many months later or earlier; the month's last day where it has no such day."""
    years, month = divmod(day.month - 1 + months, _MONTHS)
    year, month = day.year + years, month + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
