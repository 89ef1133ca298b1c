"""Variance zones (docs/scoring.md §8b.7)."""

import polars as pl

from shared.scoring.sampling.zones import variance_zones


def weighted(*schools: tuple[str, int, bool, int]) -> pl.DataFrame:
    """Schools (stratum, position, is_certain, pupils)."""
    rows = [
        (stratum, position, certain, f"{stratum}{position}", f"{stratum}{position}-{number}")
        for stratum, position, certain, pupils in schools
        for number in range(pupils)
    ]
    return pl.DataFrame(rows, schema=["stratum", "position", "is_certain", "school_code", "student_id"], orient="row")


def units(frame: pl.DataFrame) -> dict[str, list[tuple[int, int]]]:
    """Zone and unit of every pupil, by school, in pupil order."""
    found: dict[str, list[tuple[int, int]]] = {}
    for code, zone, unit in variance_zones(frame).select("school_code", "zone", "unit").iter_rows():
        found.setdefault(code, []).append((zone, unit))
    return found


def test_schools_are_paired_in_the_order_drawn():
    found = units(weighted(("a", 2, False, 2), ("a", 5, False, 1), ("a", 7, False, 1), ("a", 9, False, 1)))
    assert found == {"a2": [(0, 0), (0, 0)], "a5": [(0, 1)], "a7": [(1, 0)], "a9": [(1, 1)]}


def test_a_school_left_over_is_halved():
    found = units(weighted(("a", 1, False, 1), ("a", 2, False, 1), ("a", 3, False, 5)))
    assert found["a3"] == [(1, 0), (1, 1), (1, 0), (1, 1), (1, 0)]


def test_certain_schools_are_halved_and_strata_do_not_mix():
    found = units(
        weighted(("a", 1, False, 1), ("a", 2, True, 2), ("a", 3, False, 1), ("b", 1, True, 2), ("b", 2, True, 1))
    )
    assert found["a1"] + found["a3"] == [(0, 0), (0, 1)]
    assert found["a2"] == [(1, 0), (1, 1)]
    assert found["b1"] == [(2, 0), (2, 1)]
    assert found["b2"] == [(3, 0)]


def test_row_order_does_not_matter():
    frame = weighted(("a", 1, False, 3), ("a", 2, True, 4), ("a", 3, False, 2), ("a", 4, False, 3))
    assert variance_zones(frame.sample(fraction=1, shuffle=True, seed=4)).equals(variance_zones(frame))
