"""What teaching research staff owe, from dated data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from shared.policy.dated import in_force_on

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
        KeyError: no such duty.
        DomainError: ``policy.not_in_force`` for a day before it came into force.
    """
    content = _content()[code]
    last = in_force_on(content["values"], day, code=code)
    return Duty(code, content["name"], last["value"], last["document"], content["verified"])


@cache
def _content() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(_FILE.read_text("utf-8"))
    return found
