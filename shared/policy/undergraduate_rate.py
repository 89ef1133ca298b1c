"""What is known of the comprehensive undergraduate rate (本科综合上线率): usual categories; how sure its definition is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("undergraduate_rate.yaml")


@dataclass(frozen=True, slots=True)
class UndergraduateRate:
    """The policy.

    Args:
        title: what is defined, in ``zh`` and ``en``.
        source: the document that defines it, or ``None`` while none is known.
        in_force_from: the day it is in force from.
        is_verified: whether the definition was checked against an official text.
        categories: names of the usual categories by code, in ``zh`` and ``en``.
        grades: grades whose exams may give it.
    """

    title: Mapping[str, str]
    source: str | None
    in_force_from: dt.date | None
    is_verified: bool
    categories: Mapping[str, Mapping[str, str]]
    grades: frozenset[int]


@cache
def undergraduate_rate() -> UndergraduateRate:
    """The policy, read once."""
    content = yaml.safe_load(_FILE.read_text("utf-8"))
    entry = content["definition"]
    return UndergraduateRate(
        title=entry["title"],
        source=entry["source"],
        in_force_from=entry["in_force_from"],
        is_verified=entry["verified"],
        categories=content["categories"],
        grades=frozenset(content["grades"]),
    )
