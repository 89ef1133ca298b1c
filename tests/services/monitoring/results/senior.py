"""A grade 12 mock exam with a choice of subjects: eight schools in three counties, one of them alone in its county."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from tests.services.monitoring.factories import SchoolOfTest

COMMON, FIRST = ("chinese", "maths", "english"), ("physics", "history")
ELECTIVES = ("chemistry", "biology", "politics", "geography")
SUBJECTS = (*COMMON, *FIRST, *ELECTIVES)
SCHOOLS = {
    code: SchoolOfTest(code, county, 60)
    for code, county in zip(
        (f"349900000{n}" for n in range(1, 9)), ("990001",) * 4 + ("990002",) * 3 + ("990003",), strict=True
    )
}


def changes(**more: Any) -> dict[str, Any]:
    """The definition of the exam, over that of the factory."""
    return {
        "kind": "graduation_mock",
        "grade_level": 12,
        "sample": None,
        "subjects": [
            {
                "code": code,
                "name_zh": code,
                "name_en": code,
                "full_mark": "150" if code in COMMON else "100",
                "step": "1",
            }
            for code in SUBJECTS
        ],
        "value_added_models": [],
        "comparison_attributes": [],
        "selection": {"common": list(COMMON), "first_choices": list(FIRST), "electives": list(ELECTIVES)},
        "cut_lines": [
            {
                "code": "undergraduate",
                "name_zh": "本科线",
                "name_en": "Undergraduate",
                "track": "physics",
                "mark": "400",
            },
            {"code": "places", "name_zh": "百人线", "name_en": "Hundred", "track": "history", "headcount": 100},
        ],
        **more,
    }


def sheet(school: SchoolOfTest, *, seed: int = 0) -> pl.DataFrame:
    """A checked sheet in grid units: half of the pupils chose physics, everyone two electives."""
    chance = np.random.default_rng([seed, *school.code.encode()])
    n = school.size
    ability = chance.normal(0, 1, n) + 0.1 * int(school.code[-1])
    first = np.arange(n) % 2
    pairs = [(0, 1), (0, 2), (1, 3), (2, 3)]
    chosen = np.array([pairs[k] for k in chance.integers(0, 4, n)])
    columns: dict[str, Any] = {
        "candidate_id": [f"{school.code}-{number:04d}" for number in range(n)],
        "student_key": [f"{school.code}-key-{number}" for number in range(n)],
        "class_code": [f"c{number // 30}" for number in range(n)],
        "school_code": [school.code] * n,
        "county_code": [school.county] * n,
    }
    for place, code in enumerate(SUBJECTS):
        full = 150 if code in COMMON else 100
        marks = np.clip(np.rint(full * (0.55 + 0.13 * (ability + chance.normal(0, 0.5, n)))), 0, full)
        entered = np.ones(n, bool)
        if code in FIRST:
            entered = first == FIRST.index(code)
        if code in ELECTIVES:
            entered = (chosen == place - len(COMMON) - len(FIRST)).any(axis=1)
        columns[code] = pl.Series(marks.astype(np.int32)).set(pl.Series(~entered), None)
        columns[f"{code}__status"] = np.where(entered, "present", "not_entered")
    return pl.DataFrame(columns).sort("school_code", "class_code", "candidate_id")
