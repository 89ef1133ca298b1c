"""Online rates on both bases (docs/scoring.md §5.1)."""

from math import sqrt

import pytest

from shared.scoring.cut_lines.rates import online_rates
from shared.terms.organization import OrgLevel
from tests.scoring.spec.cut_lines.track import drawn, line, pairs

ROWS = [
    *pairs((9, 9), (8, 8), (5, 5), ("absent", 9), ("exempt", 9), school="s1"),
    *pairs((9, 8), (2, 2), ("void", 2), school="s2"),
]


def rates(rows, *lines, **options):
    return online_rates(*drawn(rows, *lines), **options)


def test_rates_over_the_sat_and_over_the_registered():
    city = rates(ROWS, line("16"), levels=[OrgLevel.CITY, OrgLevel.SCHOOL]).filter(level="city").row(0, named=True)
    assert (city["n_registered"], city["n_sat"], city["n_online"]) == (7, 5, 3)
    assert city["online_rate"] == 3 / 5
    assert city["online_rate_registered"] == 3 / 7
    assert city["participation_gap"] == 3 / 5 - 3 / 7
    assert city["online_rate_se"] == pytest.approx(sqrt(0.6 * 0.4 / 5))


def test_the_interval_is_wilsons():
    city = rates(ROWS, line("16"), levels=[OrgLevel.CITY]).row(0, named=True)
    z, n, p = 1.959963984540054, 5, 0.6
    center = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    margin = z * sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    assert (city["online_rate_ci_low"], city["online_rate_ci_high"]) == pytest.approx(
        (center - margin, center + margin)
    )


def test_every_level_and_line_has_its_rows_and_small_groups_are_marked():
    found = rates(ROWS, line("16"), line("18", code="special_control"), min_n=3)
    assert found["line"].unique(maintain_order=True).to_list() == ["special_control", "undergraduate"]
    assert found["line_mark"].unique(maintain_order=True).to_list() == [18, 16]
    schools = found.filter(line="undergraduate", level="school")
    assert schools.select("school_code", "n_online", "suppression").rows() == [
        ("s1", 2, "complementary"),
        ("s2", 1, "primary"),
    ]
    assert found.filter(level="class").height == 2 * 2


def test_nobody_present_has_no_rate_but_a_registered_one():
    row = rates(pairs(("absent", 1), ("absent", 2)), line("5"), levels=[OrgLevel.CITY]).row(0, named=True)
    assert (row["online_rate"], row["participation_gap"], row["online_rate_registered"]) == (None, None, 0)


def test_all_or_none_online():
    low, high = (rates(pairs((5, 5), (5, 5)), line(mark), levels=[OrgLevel.CITY]).row(0, named=True) for mark in "91")
    assert (high["online_rate"], high["online_rate_ci_high"]) == (1, 1)
    assert rates(pairs((5, 5)), line("11"), levels=[OrgLevel.CITY])["online_rate_ci_low"].to_list() == [0]
    assert low["online_rate"] == 1


def test_without_a_line_there_are_no_rows():
    assert rates(ROWS).is_empty()
