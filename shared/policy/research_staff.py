"""What teaching research staff owe, from dated data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("research_staff.yaml")


@dataclass(frozen=True, slots=True)
class Duty:
    """A number that is owed, with the document it stands in.

    Args:
        code: e.g. ``lessons_heard_per_month``.
        name: in ``zh`` and ``en``.
        value: the least.
        document: its source.
        verified: whether that was checked against the official text.
    """

    code: str
    name: Mapping[str, str]
    value: int
    document: str
    verified: bool


def duty_on(code: str, day: dt.date) -> Duty:
    """The duty in force on a day.

    Raises:
        KeyError: no such duty, or none in force yet.
    """
    content = _content()[code]
    in_force = [entry for entry in content["values"] if entry["from"] <= day]
    if not in_force:
        raise KeyError(f"{code} is not in force on {day}")
    last = max(in_force, key=lambda entry: entry["from"])
    return Duty(code, content["name"], last["value"], last["document"], content["verified"])


@cache
def _content() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(_FILE.read_text("utf-8"))
    return found
