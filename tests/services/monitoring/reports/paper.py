"""A maths paper of ten items as sat in the small city; one school has a gap, one class chooses a distractor."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from tests.services.monitoring.factories import SchoolOfTest
from tests.services.monitoring.results.city import SCHOOLS

OWN = SCHOOLS["2199000001"]
POINTS = ("有理数运算", "一元一次方程", "图形的面积", "统计图表", "比和比例")
WEAK, MISLED = "图形的面积", "c1"
EXAM: dict[str, Any] = {
    "subjects": [{"code": "maths", "name_zh": "数学", "name_en": "Mathematics", "full_mark": "50", "step": "1"}],
    "value_added_models": [],
    "comparison_attributes": [],
}


def _item(number: int) -> dict[str, Any]:
    is_choice = number <= 5
    return {
        "code": str(number),
        "name": None,
        "kind": "choice" if is_choice else "constructed",
        "full_mark": "4" if is_choice else "6",
        "step": "1",
        "options": list("ABCD") if is_choice else [],
        "key": "B" if is_choice else None,
        "partial_credit": "none",
        "partial_mark": None,
        "knowledge_points": [POINTS[number % 5]],
        "competencies": ["运算能力" if number % 2 else "几何直观"],
        "cognitive_level": "理解" if number <= 6 else "应用",
        "question_type": "选择题" if is_choice else "解答题",
    }


PAPER: dict[str, Any] = {"marks_from_options": False, "items": [_item(number) for number in range(1, 11)]}


def items_of(school: SchoolOfTest) -> pl.DataFrame:
    """A school's items as stored."""
    chance, n = np.random.default_rng([7, *school.code.encode()]), school.size
    classes = [f"c{row * 3 // n}" for row in range(n)]
    columns: dict[str, Any] = {
        "candidate_id": [f"{school.code}-{row:04d}" for row in range(n)],
        "class_code": classes,
        "school_code": [school.code] * n,
        "county_code": [school.county] * n,
        "status": pl.Series([0] * n, dtype=pl.Int8),
    }
    ability = chance.normal(size=n)
    for item in PAPER["items"]:
        easy = 1.2 - 0.2 * int(item["code"]) / 2
        if school is OWN and item["knowledge_points"] == [WEAK]:
            easy -= 3
        share = 1 / (1 + np.exp(-(ability + easy)))
        full = int(item["full_mark"])
        marks = np.where(chance.random(n) < share, full, 0) if item["options"] else chance.binomial(full, share)
        columns[item["code"]] = pl.Series(marks, dtype=pl.Int16)
        if item["options"]:
            wrong = chance.choice([0, 2, 3], n)
            misled = np.array([school is OWN and name == MISLED and item["code"] == "2" for name in classes])
            columns[f"{item['code']}__option"] = pl.Series(
                np.where(marks == full, 1, np.where(misled, 3, wrong)), dtype=pl.Int8
            )
    return pl.DataFrame(columns)


def marks_of(school: SchoolOfTest) -> pl.DataFrame:
    """A school's mark sheet as stored: the sums of its items."""
    items = items_of(school)
    total = items.select(pl.sum_horizontal(item["code"] for item in PAPER["items"]).cast(pl.Int32).alias("maths"))
    keys = items.select("candidate_id", "class_code", "school_code", "county_code")
    plain = (pl.lit("present").alias("maths__status"), pl.lit(None, pl.String).alias("student_key"))
    return keys.hstack(total).with_columns(plain)
