"""Enrollment-based denominators: start of grade + transfers in − transfers out."""

import datetime as dt

import polars as pl
import pytest

from services.monitoring.exams.denominators import expected_pupils

START, BEFORE, EXAM = dt.date(2026, 9, 1), dt.date(2026, 8, 20), dt.date(2026, 11, 20)
OCTOBER, DECEMBER = dt.date(2026, 10, 9), dt.date(2026, 12, 1)


@pytest.mark.parametrize(
    ("status", "entered_on", "left_on", "counts"),
    [
        ("enrolled", START, None, (1, 0, 0, 1)),
        ("enrolled", BEFORE, None, (1, 0, 0, 1)),
        ("enrolled", OCTOBER, None, (0, 1, 0, 1)),
        ("enrolled", EXAM, None, (0, 1, 0, 1)),
        ("enrolled", DECEMBER, None, (0, 0, 0, 0)),
        ("transferred_out", START, OCTOBER, (1, 0, 1, 0)),
        ("transferred_out", START, EXAM, (1, 0, 1, 0)),
        ("transferred_out", START, DECEMBER, (1, 0, 0, 1)),
        ("transferred_out", OCTOBER, OCTOBER, (0, 1, 1, 0)),
        ("transferred_out", BEFORE, START, (0, 0, 0, 0)),
        ("left", START, OCTOBER, (1, 0, 0, 1)),  # not a transfer: the pupil remains expected
        ("suspended", START, None, (1, 0, 0, 1)),
    ],
)
def test_a_stay_counts_as_what_it_is(
    status: str, entered_on: dt.date, left_on: dt.date | None, counts: tuple[int, ...]
) -> None:
    schema = {"school_code": pl.String, "status": pl.String, "entered_on": pl.Date, "left_on": pl.Date}
    stays = pl.DataFrame([("s", status, entered_on, left_on)], schema=schema, orient="row")
    found = expected_pupils(stays, school_year="2026-2027", held_on=EXAM)
    assert found.rows() == [("s", *counts)]


def test_no_stay_no_school() -> None:
    schema = {"school_code": pl.String, "status": pl.String, "entered_on": pl.Date, "left_on": pl.Date}
    assert expected_pupils(pl.DataFrame(schema=schema), school_year="2026-2027", held_on=EXAM).is_empty()
