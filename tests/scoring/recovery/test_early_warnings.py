"""Declines that were planted are found, and schools that did not decline are rarely warned (docs/scoring.md §14.1)."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

import numpy as np
import polars as pl

from shared.scoring.early_warnings import DETECTORS, ExamFigures
from shared.scoring.exam import analyze
from shared.scoring.plan import AnalysisPlan, ValueAddedModel
from shared.scoring.subjects import Subject

MATH, ENTRY = (Subject(code, full_mark=Decimal(100), step=Decimal(1)) for code in ("math", "entry"))
PLAN = AnalysisPlan(
    outcomes=(MATH,), intakes=(ENTRY,), models=(ValueAddedModel("math", ("entry",)),), with_standings=False
)
SCHOOLS, PUPILS, PLANTED, CITIES = 150, 40, 6, 8
#: Marks that the planted schools lose every year, six of each kind; pupils of a school spread by 10, schools by 3.
FALLS = (5.0, 10.0)


@cache
def cities(years: int) -> tuple[tuple[ExamFigures, ...], ...]:
    """Some years of some cities; the first schools of each decline every year, the others stay as they are."""
    made = []
    for seed in range(CITIES):
        chance = np.random.default_rng([seed, years])
        effect = chance.normal(0, 3, SCHOOLS)
        made.append(tuple(_year(chance, effect, place) for place in range(years)))
    return tuple(made)


def _year(chance: np.random.Generator, effect: np.ndarray, place: int) -> ExamFigures:
    owner = np.repeat(np.arange(SCHOOLS), PUPILS)
    entry = np.clip(chance.normal(60, 12, owner.size) + chance.normal(0, 4, SCHOOLS)[owner], 0, 100).round()
    fall = np.zeros(SCHOOLS)
    fall[: 2 * PLANTED] = np.repeat(FALLS, PLANTED)
    moved = effect - fall * place
    math = np.clip(10 + 0.8 * entry + moved[owner] + chance.normal(0, 10, owner.size), 0, 100).round()
    codes = pl.Series([f"s{number:03}" for number in range(SCHOOLS)])
    sheet = pl.DataFrame(
        {
            "candidate_id": [f"c{number}" for number in range(owner.size)],
            "county_code": "k1",
            "school_code": codes.gather(owner),
            "class_code": "1",
            "math": math,
            "math__status": "present",
            "entry": entry,
            "entry__status": "present",
        }
    )
    frames = analyze([sheet], PLAN, lambda *_: None).frames()
    return ExamFigures(school_year=f"{2023 + place}-{2024 + place}", plan=PLAN, frames=frames)


def warned(years: int, **parameters: object) -> pl.DataFrame:
    """Every finding of ``years`` falls in a row, with which kind of school it is about."""
    find = DETECTORS["value_added_decline"].find
    given = {"years": years, "z": 1.96, "weaker": "whole_fall", **parameters}
    parts = [find(city[-1], city[-2::-1], given) for city in cities(years + 1)]
    kind = pl.col("school_code").str.slice(1).cast(pl.Int64) // PLANTED
    return pl.concat(parts).with_columns(pl.min_horizontal(kind, len(FALLS)).alias("kind"))


def shares(found: pl.DataFrame) -> tuple[float, float, float]:
    """Share found of the schools that lose 5 marks a year, of those that lose 10, and of the steady ones."""
    counts = [int((found["kind"] == kind).sum()) for kind in range(len(FALLS) + 1)]
    planted = CITIES * PLANTED
    return counts[0] / planted, counts[1] / planted, counts[2] / (CITIES * (SCHOOLS - 2 * PLANTED))


def strong(found: pl.DataFrame) -> pl.DataFrame:
    """Findings of which every fall is beyond chance."""
    return found.filter(~pl.col("is_weaker"))


def test_two_planted_falls_are_found_and_steady_schools_hardly_ever() -> None:
    five, ten, steady = shares(warned(2))
    assert five >= 0.9
    assert ten == 1
    assert steady <= 0.02
    # Each single fall must be beyond chance: a small one seldom is, a steady school's never was.
    five, ten, steady = shares(strong(warned(2)))
    assert five <= 0.4
    assert ten >= 0.9
    assert steady == 0


def test_any_fall_would_warn_many_times_as_many_steady_schools() -> None:
    # Three figures in falling order are one order of six; fewer here, for what others lose the steady schools gain.
    any_fall = shares(warned(2, weaker="any_fall"))[2]
    assert 0.05 <= any_fall <= 1 / 6
    assert shares(warned(2))[2] <= any_fall / 5


def test_three_planted_falls_are_found_and_steady_schools_hardly_ever() -> None:
    five, ten, steady = shares(warned(3))
    assert five >= 0.9
    assert ten == 1
    assert steady <= 0.005
    assert shares(strong(warned(3)))[1] >= 0.8
    assert shares(strong(warned(3)))[2] == 0
