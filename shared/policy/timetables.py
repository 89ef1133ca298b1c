"""Does a class's week hold what it must? From dated data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("timetables.yaml")
SPORT_HOUR, LABOR_LESSON, FULL_CURRICULUM = "sport_hour", "labor_lesson", "full_curriculum"
RULES = (SPORT_HOUR, LABOR_LESSON, FULL_CURRICULUM)
SCHOOL_DAYS = 5


@dataclass(frozen=True, slots=True)
class Week:
    """A class's week.

    Args:
        grade_level: 1 to 12.
        lessons: lessons a week by subject code; halves where a course alternates.
        sport_minutes: minutes of sport on each school day, lessons and breaks together; empty where not told.
    """

    grade_level: int
    lessons: Mapping[str, float]
    sport_minutes: Sequence[int]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A rule that a week does not keep.

    Args:
        rule: one of :data:`RULES`.
        found: what the week holds.
        wanted: what it must.
    """

    rule: str
    found: str
    wanted: str


@dataclass(frozen=True, slots=True)
class TimetableRule:
    """A rule with its source, for those who ask why."""

    code: str
    name: Mapping[str, str]
    document: str
    in_force_from: dt.date
    verified: bool


def timetable_rules() -> list[TimetableRule]:
    """Every rule, in order."""
    content = _content()
    courses = content["courses"]
    named = [
        TimetableRule(code, rule["name"], rule["document"], rule["in_force_from"], rule["verified"])
        for code, rule in content["rules"].items()
    ]
    full = {"zh": "开齐国家课程", "en": "All national courses are open"}
    return [
        *named,
        TimetableRule(FULL_CURRICULUM, full, courses["document"], courses["in_force_from"], courses["verified"]),
    ]


def judged_by(week: Week) -> tuple[str, ...]:
    """Rules that a week can be held to: sport only where its minutes are told, labor in compulsory education."""
    wanted = _wanted(week.grade_level)
    return tuple(
        rule
        for rule in RULES
        if (rule != SPORT_HOUR or week.sport_minutes) and (rule != LABOR_LESSON or ("62",) in wanted)
    )


def shortfalls(week: Week) -> list[Shortfall]:
    """Every rule that a week does not keep."""
    rules = _content()["rules"]
    judged, found = judged_by(week), []
    if SPORT_HOUR in judged:
        least = rules[SPORT_HOUR]["least"]
        short = [minutes for minutes in week.sport_minutes if minutes < least]
        if short or len(week.sport_minutes) < SCHOOL_DAYS:
            days = ", ".join(str(minutes) for minutes in week.sport_minutes)
            found.append(Shortfall(SPORT_HOUR, days, f"{SCHOOL_DAYS} × {least}"))
    if LABOR_LESSON in judged:
        rule = rules[LABOR_LESSON]
        lessons = sum(week.lessons.get(subject, 0) for subject in rule["subjects"])
        if lessons < rule["least"]:
            found.append(Shortfall(LABOR_LESSON, f"{lessons:g}", str(rule["least"])))
    missing = [
        "/".join(group)
        for group in _wanted(week.grade_level)
        if not any(week.lessons.get(subject, 0) > 0 for subject in group)
    ]
    if missing:
        found.append(Shortfall(FULL_CURRICULUM, ", ".join(missing), "0"))
    return found


def _wanted(grade_level: int) -> list[tuple[str, ...]]:
    return [tuple(course["subjects"]) for course in _content()["courses"]["open"] if grade_level in course["grades"]]


@cache
def _content() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    return found
