"""Borderline candidates (docs/scoring.md §5.5)."""

from decimal import Decimal

import pytest

from shared.scoring.balance import candidate_balance, subject_balance
from shared.scoring.cut_lines.borderline import borderline_candidates
from tests.scoring.spec.cut_lines.track import drawn, histograms_of, line, pairs, track_of

ROWS = pairs((9, 9), (7, 6), (6, 6.0), (9, 1), (1, 1), ("absent", 10))  # totals 18 13 12 10 2


def near(*lines, **options):
    _, found = drawn(ROWS, *lines)
    return borderline_candidates(track_of(ROWS), found, histograms_of(ROWS), **options)


def test_both_ends_of_the_band_are_in():
    found = near(line("12"), below=Decimal(2), above=Decimal(1))
    assert found.select("candidate_id", "total", "distance").rows() == [
        ("c0001", 13, 1),
        ("c0002", 12, 0),
        ("c0003", 10, -2),
    ]


def test_a_line_between_marks_keeps_its_band():
    found = near(line("12.3"), below=Decimal("0.3"), above=Decimal("0.6"))
    assert found["total"].to_list() == [12]


def test_the_band_is_ten_marks_by_default_and_holds_no_status():
    assert near(line("10"))["candidate_id"].to_list() == ["c0000", "c0001", "c0002", "c0003", "c0004"]
    assert near(line("0"))["total"].to_list() == [10, 2]


def test_the_weakest_subject_is_that_of_the_balance_over_the_whole_track():
    found = near(line("10"), below=Decimal(0), above=Decimal(0), reliability={"math": 0.9, "art": 0.8}).row(
        0, named=True
    )
    subjects = {code: histogram for code, histogram in histograms_of(ROWS).items() if code != "total"}
    whole = candidate_balance(subject_balance(track_of(ROWS).sheet, subjects))
    expected = whole.filter(candidate_id="c0003").row(0, named=True)
    assert found["weakest_subject"] == expected["weakest_subject"] == "art"
    assert found["weakest_deviation"] == pytest.approx(expected["weakest_deviation"], rel=1e-14)
    assert found["weakest_deviation_se"] == pytest.approx(10 * (0.1 / 4 + 0.2 / 4) ** 0.5)


def test_lines_stand_from_the_top_and_may_share_candidates():
    found = near(line("12"), line("13", code="special_control"), below=Decimal(1), above=Decimal(1))
    assert found.select("line", "total").rows() == [
        ("special_control", 13),
        ("special_control", 12),
        ("undergraduate", 13),
        ("undergraduate", 12),
    ]


def test_without_lines_or_candidates_there_are_no_rows():
    assert near().is_empty()
    assert near(line("16"), below=Decimal(0), above=Decimal(0)).is_empty()
