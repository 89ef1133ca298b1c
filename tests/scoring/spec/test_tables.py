"""One-mark tables and bands (docs/scoring.md §2.5)."""

from decimal import Decimal

from shared.scoring.subjects import Subject
from shared.scoring.tables import band_table, cumulative_table
from tests.scoring.builders import TEN, math_histogram

FIVE = Subject("math", full_mark=Decimal(5), step=Decimal(1), band_width=Decimal(2))
COLUMNS = ["mark", "count", "cumulative_count", "cumulative_share"]


def test_every_mark_on_the_grid_from_the_top():
    table = cumulative_table(math_histogram(5, 3, 3, 0, "absent", subject=FIVE), every_mark=True)
    assert table.select(COLUMNS).rows() == [
        (5, 1, 1, 1 / 4),
        (4, 0, 1, 1 / 4),
        (3, 2, 3, 3 / 4),
        (2, 0, 3, 3 / 4),
        (1, 0, 3, 3 / 4),
        (0, 1, 4, 4 / 4),
    ]


def test_or_only_marks_that_occur():
    table = cumulative_table(math_histogram(5, 3, 3, 0, subject=FIVE), every_mark=False)
    assert table["mark"].to_list() == [5, 3, 0]
    assert table["cumulative_count"].to_list() == [1, 3, 4]


def test_the_last_band_takes_the_full_mark_in():
    table = band_table(math_histogram(10, 8, 7.5, 2, 1.5, subject=TEN))
    assert table.select("band_low", "band_high", "count", "share").rows() == [
        (8, 10, 2, 2 / 5),
        (6, 8, 1, 1 / 5),
        (4, 6, 0, 0),
        (2, 4, 1, 1 / 5),
        (0, 2, 1, 1 / 5),
    ]


def test_a_full_mark_between_bands_ends_a_shorter_band():
    table = band_table(math_histogram(5, 4, 3, subject=FIVE))
    assert table.select("band_low", "band_high", "count").rows() == [(4, 5, 2), (2, 4, 1), (0, 2, 0)]


def test_nobody_present_has_no_table():
    nobody = math_histogram("absent", subject=FIVE)
    assert cumulative_table(nobody, every_mark=True).is_empty()
    assert cumulative_table(nobody, every_mark=False).is_empty()
    assert band_table(nobody).is_empty()
