"""Value added that fell several years running (docs/scoring.md §14.1)."""

import dataclasses
import math
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from shared.scoring.early_warnings.base import FINDING, ExamFigures
from shared.scoring.early_warnings.value_added_decline import value_added_decline
from tests.scoring.builders import HUNDRED
from tests.scoring.spec.early_warnings.years import RAW, plan_of, year

TWO = {"years": 2, "z": 1.96, "weaker": "whole_fall"}
#: Each fall must exceed this, every standard error being 1.
LIMIT = 1.96 * math.sqrt(2)


def found(*years: ExamFigures, **parameters: object) -> pl.DataFrame:
    """Findings of the last of some years."""
    return value_added_decline(years[-1], years[-2::-1], {**TWO, **parameters})


def strength(*effects: float | None, **parameters: object) -> str:
    """What a school with these effects, oldest first, is found to be."""
    years = [year(2023 + place, {"a": effect}) for place, effect in enumerate(effects)]
    rows = found(*years, **parameters)
    return "none" if rows.is_empty() else "weaker" if rows["is_weaker"][0] else "strong"


@pytest.mark.parametrize(
    ("effects", "expected"),
    [
        ((6, 3, 0), "strong"),
        ((0, -3, -6), "strong"),
        ((2 * LIMIT + 0.02, LIMIT + 0.01, 0), "strong"),
        ((2 * LIMIT, LIMIT, 0), "weaker"),  # a fall of exactly the limit is not beyond it
        ((3, 2, 0), "weaker"),
        ((2, 1, 0), "none"),  # lower each year, within chance
        ((6, 6, 0), "none"),
        ((6, 0, 0), "none"),
        ((6, 0, 3), "none"),
        ((0, 3, 6), "none"),
        ((0, 0, 0), "none"),
    ],
)
def test_two_falls_in_a_row(effects, expected):
    assert strength(*effects) == expected


def test_any_fall_counts_where_the_weaker_criterion_is_set_so_and_none_where_it_is_off():
    assert strength(2, 1, 0, weaker="any_fall") == "weaker"
    assert strength(3, 2, 0, weaker="none") == "none"
    assert strength(6, 3, 0, weaker="none") == "strong"


def test_three_falls_need_four_years():
    three = {"years": 3}
    assert strength(9, 6, 3, 0, **three) == "strong"
    assert strength(9, 6, 3, **three) == "none"
    assert strength(3, 6, 3, 0, **three) == "none"


def test_the_finding_tells_the_whole_fall_with_its_interval_and_every_year():
    row = found(year(2023, {"a": 7.0}), year(2024, {"a": 3.0}), year(2025, {"a": -1.0}, se=2.0)).row(0, named=True)
    assert (row["school_code"], row["subject"], row["detail"]) == ("a", "math", "math~entry[reml,t]")
    assert row["value"] == -8.0
    assert row["se"] == pytest.approx(math.sqrt(1 + 4))
    assert row["ci_low"] == pytest.approx(-8 - 1.959964 * math.sqrt(5))
    assert [(point["label"], point["value"]) for point in row["series"]] == [
        ("2023-2024", 7.0),
        ("2024-2025", 3.0),
        ("2025-2026", -1.0),
    ]


def test_a_year_without_an_interval_or_withheld_counts_for_nothing():
    years = [year(2023, {"a": 9.0}), year(2024, {"a": 5.0}), year(2025, {"a": 0.0})]
    assert found(*years).height == 1
    for place, changed in (
        (1, year(2024, {"a": None})),
        (1, year(2024, {"a": 5.0}, se=0.0)),
        (0, year(2023, {"a": 9.0}, suppressed=["a"])),
        (0, year(2023, {"b": 9.0})),
        (0, year(2022, {"a": 9.0})),  # the year before is missing
        (1, dataclasses.replace(years[1], frames={})),
    ):
        mixed = [*years]
        mixed[place] = changed
        assert found(*mixed).is_empty(), place


def test_years_are_linked_by_model_and_marks_only_on_one_full_mark():
    years = [year(2023, {"a": 9.0}), year(2024, {"a": 5.0}), year(2025, {"a": 0.0})]
    raw = [year(2023, {"a": 9.0}, model=RAW), year(2024, {"a": 5.0}, model=RAW), year(2025, {"a": 0.0}, model=RAW)]
    assert found(*raw).height == 1
    assert found(raw[0], *years[1:]).is_empty()
    other = dataclasses.replace(HUNDRED, full_mark=Decimal(120))
    assert found(year(2023, {"a": 9.0}, model=RAW, outcome=other), *raw[1:]).is_empty()
    assert found(year(2023, {"a": 9.0}, outcome=other), *years[1:]).height == 1  # T is T


effects = st.floats(-20, 20, allow_nan=False)


@given(st.lists(st.tuples(effects, effects, effects), min_size=1, max_size=12), st.randoms())
def test_what_is_found_follows_from_the_rows_and_not_from_their_order(schools, chance):
    names = [f"s{place:02}" for place in range(len(schools))]
    years = [
        year(2023 + place, dict(zip(names, column, strict=True)))
        for place, column in enumerate(zip(*schools, strict=True))
    ]
    shuffled = []
    for figures in years:
        rows = figures.frames["value_added_schools"].sample(fraction=1, shuffle=True, seed=chance.randint(0, 10**6))
        shuffled.append(dataclasses.replace(figures, frames={"value_added_schools": rows}))
    first = found(*years)
    assert_frame_equal(first, found(*shuffled))
    assert first.schema == pl.Schema(FINDING)
    # Whoever is found fell every year; whoever is found strongly is found under a laxer limit, too.
    fell = {name for name, (a, b, c) in zip(names, schools, strict=True) if a > b > c}
    assert set(first["school_code"]) <= fell
    strong = set(first.filter(~pl.col("is_weaker"))["school_code"])
    laxer = found(*years, z=1.0)
    assert strong <= set(laxer.filter(~pl.col("is_weaker"))["school_code"])


@given(st.lists(effects, min_size=1, max_size=12))
def test_equal_figures_and_a_first_year_never_raise(values):
    names = {f"s{place:02}": value for place, value in enumerate(values)}
    same = [year(2023 + place, names) for place in range(4)]
    for years in (2, 3):
        assert found(*same, years=years, weaker="any_fall").is_empty()
        assert found(same[0], years=years, weaker="any_fall").is_empty()


def test_an_exam_without_models_finds_nothing():
    bare = ExamFigures(school_year="2025-2026", plan=plan_of(), frames={})
    assert found(year(2023, {"a": 9.0}), year(2024, {"a": 5.0}), bare).is_empty()
