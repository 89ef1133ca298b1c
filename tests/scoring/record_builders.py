"""Records of work and what they are worth, for tests of their scoring."""

import datetime as dt
from typing import Any

import polars as pl

from shared.scoring.records.lines import RECORD_SCHEMA
from shared.scoring.records.rules import (
    POINTS_SCHEMA,
    Bound,
    Figure,
    KindRule,
    Measure,
    Period,
    RecordRules,
    Span,
)

YEAR = Period(dt.date(2026, 9, 1), dt.date(2027, 8, 31))
DAY = dt.date(2026, 10, 1)
POINTS = [
    ("papers", "city", "first", 2020, 600),
    ("papers", "county", "first", 2020, 300),
    ("papers", "county", "second", 2020, 200),
    ("papers", "city", "first", 2027, 800),
    ("projects", "city", "", 2020, 1000),
    ("honors", "county", "", 2020, 500),
]
RULES = RecordRules(
    kinds={
        "workload": KindRule(bound=Bound(Span.WEEK, 40), standards={"primary": 16, "junior_secondary": 12}),
        "posts": KindRule(standards={"class_teacher": 2}),
        "home_visits": KindRule(bound=Bound(Span.MONTH, 60)),
        "papers": KindRule(years=3, is_shared=True, cap=1500),
        "projects": KindRule(years=3, is_shared=True),
        "honors": KindRule(),
    },
    points=pl.DataFrame(
        [(kind, level, grade, dt.date(year, 1, 1), points) for kind, level, grade, year, points in POINTS],
        schema=POINTS_SCHEMA,
        orient="row",
    ),
    shares={1: [10_000], 2: [6_000, 4_000], 3: [5_000, 3_000, 2_000]},
    figures={
        "workload.hours_ratio": Figure(measure=Measure.LOAD, kinds=["workload", "posts"], is_zero_without=False),
        "posts.class_teacher_rate": Figure(measure=Measure.HELD, kinds=["posts"], category="class_teacher"),
        "home_visits.count": Figure(measure=Measure.AMOUNT, kinds=["home_visits"]),
        "papers.records": Figure(measure=Measure.RECORDS, kinds=["papers"]),
        "research.points": Figure(measure=Measure.POINTS, kinds=["papers", "projects"], cap=2000),
        "honors.points": Figure(measure=Measure.POINTS, kinds=["honors"]),
    },
)


def record(name: str, kind: str, **given: Any) -> dict[str, Any]:
    """One record of Wang's, in the middle of the year unless said otherwise."""
    return dict.fromkeys(RECORD_SCHEMA) | {"record": name, "person": "wang", "kind": kind, "happened_on": DAY} | given


def records(*rows: dict[str, Any]) -> pl.DataFrame:
    """Records as a frame."""
    return pl.DataFrame(list(rows), schema=RECORD_SCHEMA, orient="row")
