"""Status × change (docs/scoring.md §10.4)."""

import polars as pl
import pytest

from shared.scoring.scheme.status_change import GridSettings, status_change


def table(values, **more):
    return pl.DataFrame(
        {"unit_code": [f"s{n}" for n in range(len(values))], "node": ["A1"] * len(values), "value": values, **more}
    )


def cells(now, before, **more):
    return status_change(table(now, **more), table(before, **more)).cells


def test_status_on_a_cut_belongs_to_the_level_above():
    found = cells([0.59, 0.6, 0.79, 0.8, 0.9, None], [None] * 6)
    assert found["status_level"].to_list() == [1, 2, 3, 4, 5, None]
    assert found["change_level"].to_list() == [None] * 6


@pytest.mark.parametrize(
    ("now", "before", "level"),
    [(0.83, 0.80, 4), (0.80, 0.83, 2), (0.8299, 0.80, 3), (0.9, 0.8, 5), (0.7, 0.8, 1), (0.8, 0.8, 3)],
)
def test_change_on_a_cut_is_further_from_the_middle(now, before, level):
    assert cells([now], [before])["change_level"].to_list() == [level]


def test_a_change_within_its_error_is_none():
    # 1.96 √(0.03² + 0.03²) = 0.083
    found = cells([0.88, 0.89], [0.80, 0.80], se=[0.03, 0.03])
    assert found["is_significant"].to_list() == [False, True]
    assert found["change_level"].to_list() == [3, 4]
    assert found["change_se"][0] == pytest.approx(0.03 * 2**0.5)


def test_one_known_error_is_no_error_of_a_change():
    found = status_change(table([0.9], se=[0.5]), table([0.5])).cells
    assert (found["is_significant"][0], found["change_level"][0]) == (None, 5)


def test_the_grid_lists_all_cells_and_counts_units():
    grid = status_change(table([0.95, 0.96, 0.5]), table([0.95, 0.7, 0.9])).grid
    assert grid.height == 25
    counted = grid.filter(pl.col("unit_count") > 0)
    assert counted.select("status_level", "change_level", "unit_count").rows() == [(1, 1, 1), (5, 3, 1), (5, 5, 1)]


@pytest.mark.parametrize(
    "settings",
    [
        {"status_cuts": (0.5, 0.5, 0.6, 0.7)},
        {"change_cuts": (0.1, 0.2, 0.3, 0.4)},
        {"change_cuts": (-0.1, -0.3, 0.1, 0.2)},
    ],
)
def test_cut_points_that_make_no_grid(settings):
    with pytest.raises(ValueError, match="cut points"):
        GridSettings(**settings)
