"""What rules and plans ask of the development of teachers, from dated data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from shared.policy.dated import in_force_on

_FILE = Path(__file__).with_name("teacher_development.yaml")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number with the document it stands in.

    Args:
        code: e.g. ``training_hours``.
        name: in ``zh`` and ``en``.
        value: the number.
        document: its source.
        verified: whether that was checked against the official text.
    """

    code: str
    name: Mapping[str, str]
    value: int
    document: str
    verified: bool


@dataclass(frozen=True, slots=True)
class PlanGoal:
    """A number of teachers that a plan fixes for the whole city.

    Args:
        code: its name here.
        name: in ``zh`` and ``en``.
        kind: ``trained_rate`` (share of staff trained in a year), ``trained_count`` (staff trained in a year) or
            ``held_count`` (holders of a rung).
        value: the number; of a share 0 to 1.
        ladder: the ladder of a rung.
        rung: the rung, of ``held_count``.
        by_year: last year of a goal that is to be reached once.
        document: its place.
        verified: whether that was checked against the official text.
    """

    code: str
    name: Mapping[str, str]
    kind: str
    value: int
    ladder: str | None
    rung: str | None
    by_year: int | None
    document: str
    verified: bool


@dataclass(frozen=True, slots=True)
class TrainingPeriod:
    """Years in which hours of training are counted together, first and last day."""

    first_on: dt.date
    last_on: dt.date


def parameter_on(code: str, day: dt.date) -> Parameter:
    """The parameter in force on a day.

    Raises:
        KeyError: no such parameter.
        DomainError: ``policy.not_in_force`` for a day before it came into force.
    """
    content = _content()["parameters"][code]
    last = in_force_on(content["values"], day, code=code)
    return Parameter(code, content["name"], last["value"], last["document"], content["verified"])


def training_period(day: dt.date) -> TrainingPeriod:
    """The period of training that a day lies in: whole years, counted on and back from the first one."""
    years = parameter_on("training_period_years", day).value
    first = parameter_on("first_period_starts_in", day).value
    start = first + (day.year - first) // years * years
    return TrainingPeriod(dt.date(start, 1, 1), dt.date(start + years - 1, 12, 31))


def plan_goals() -> tuple[PlanGoal, ...]:
    """Every number that plans fix."""
    optional = ("ladder", "rung", "by_year")
    return tuple(
        PlanGoal(code=code, **{name: entry.get(name) for name in optional}, **_without(entry, optional))
        for code, entry in _content()["goals"].items()
    )


def _without(entry: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name not in names}


@cache
def _content() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    return found
