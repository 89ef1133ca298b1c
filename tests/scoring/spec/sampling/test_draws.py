"""Draws of schools (docs/scoring.md §8b.3)."""

import polars as pl
import pytest

from shared.scoring.sampling.design import Allocation, SampleDesign, SchoolSelection
from shared.scoring.sampling.draws import SampleDraw, draw_differences, draw_schools, with_replacements
from shared.terms.errors import DomainError
from tests.scoring.sampling_builders import schools

FRAME = pl.concat(
    [
        schools(*range(10, 30), stratum="a", town=[number % 2 for number in range(20)]),
        schools(*range(40, 50), 900, stratum="b", town=[number % 3 for number in range(11)]),
    ]
)
DESIGN = SampleDesign(10, sort_by=("town",))


def ordered(sampled: str) -> pl.DataFrame:
    frame = schools(*[5] * len(sampled)).with_columns(
        position=pl.int_range(1, len(sampled) + 1),
        probability=0.5,
        is_certain=False,
        sampled=pl.Series([letter == "x" for letter in sampled]),
    )
    return frame.cast({"position": pl.Int64})


def named(sampled: str, replacements: int) -> dict:
    found = with_replacements(ordered(sampled), replacements).filter(role="replacement")
    return {
        int(code[1:]): (int(of[1:]), order)
        for code, of, order in found.select("school_code", "replaces", "replacement_order").iter_rows()
    }


@pytest.mark.parametrize("selection", SchoolSelection)
def test_a_draw_can_be_repeated_stored_and_verified(selection):
    design = SampleDesign(10, sort_by=("town",), selection=selection)
    draw = draw_schools(FRAME, design, seed=7)
    again = draw_schools(FRAME.sample(fraction=1, shuffle=True, seed=1), design, seed=7)
    assert again.to_json() == draw.to_json()
    stored = SampleDraw.from_json(draw.to_json())
    assert stored.to_json() == draw.to_json()
    assert draw_differences(stored, FRAME) == ()
    assert draw_schools(FRAME, design, seed=8).to_json() != draw.to_json()


def test_what_differs_is_named():
    draw = draw_schools(FRAME, DESIGN, seed=7)
    other = FRAME.with_columns(size=pl.col("size") + 1)
    assert draw_differences(draw, other) == ("frame_hash", "strata", "schools")
    renamed = FRAME.with_columns(town=pl.col("town") + 10)
    assert draw_differences(draw, renamed) == ("frame_hash",)


def test_the_spread_of_a_neyman_allocation_is_kept():
    design = SampleDesign(10, allocation=Allocation.NEYMAN)
    draw = draw_schools(FRAME, design, seed=7, spread={"a": 9.0, "b": 1.5})
    assert draw.strata["spread"].to_list() == [9.0, 1.5]
    assert draw_differences(SampleDraw.from_json(draw.to_json()), FRAME) == ()
    assert draw_schools(FRAME, DESIGN, seed=7, spread={"a": 9.0}).strata["spread"].to_list() == [None, None]


def test_a_seed_below_0_is_refused():
    with pytest.raises(DomainError, match=r"scoring\.sample_design_invalid") as refused:
        draw_schools(FRAME, DESIGN, seed=-1)
    assert refused.value.faults[0].column == "seed"


def test_the_drawn_number_and_the_probabilities_agree():
    draw = draw_schools(FRAME, DESIGN, seed=3)
    sampled = draw.schools.filter(role="sampled")
    assert sampled.height == 10
    assert dict(sampled.group_by("stratum").len().iter_rows()) == dict(
        draw.strata.select("stratum", "drawn").iter_rows()
    )
    giant = sampled.filter(size=900).row(0, named=True)
    assert (giant["probability"], giant["is_certain"]) == (1, True)
    in_a = draw.strata.filter(stratum="a").row(0, named=True)
    share = sampled.filter(stratum="a").select(pl.col("probability") * in_a["pupils"] / pl.col("size")).to_series()
    assert share.to_list() == pytest.approx([in_a["drawn"]] * len(share))


def test_schools_stand_in_turn_by_sort_column_and_size():
    frame = schools(1, 2, 3, 4, 5, 6, town=["x", "x", "y", "y", "z", "z"])
    draw = draw_schools(frame, SampleDesign(6, sort_by=("town",)), seed=0)
    assert draw.schools["size"].to_list() == [1, 2, 4, 3, 5, 6]
    assert draw.schools["position"].to_list() == [1, 2, 3, 4, 5, 6]


def test_replacements_are_the_next_and_the_one_before():
    assert named("--x---x-", 2) == {1: (2, 2), 3: (2, 1), 5: (6, 2), 7: (6, 1)}
    assert named("--x---x-", 1) == {3: (2, 1), 7: (6, 1)}
    assert named("--x---x-", 0) == {}


def test_nobody_replaces_two_schools_and_no_sampled_school_replaces():
    # Between two sampled schools the first one's claim goes first; at the end only the one before is left.
    assert named("x-x", 2) == {1: (0, 1)}
    assert named("-xx-", 2) == {0: (1, 1), 3: (2, 1)}
    assert named("xx", 2) == {}


def test_replacements_stay_in_the_stratum():
    two = pl.concat(
        [ordered("-x"), ordered("-x").with_columns(stratum=pl.lit("b"), school_code="b" + pl.col("school_code"))]
    )
    found = with_replacements(two, 2).filter(role="replacement")
    assert found["school_code"].to_list() == ["a00", "ba00"]
