"""How many pupils a school should bring to an exam, whoever it leaves at home."""

from __future__ import annotations

import datetime as dt

import polars as pl

SCHOOL_YEAR_STARTS = (9, 1)
TRANSFERRED_OUT = "transferred_out"


def first_day(school_year: str) -> dt.date:
    """1 September of the year a school year begins in."""
    return dt.date(int(school_year[:4]), *SCHOOL_YEAR_STARTS)


def expected_pupils(stays: pl.DataFrame, *, school_year: str, held_on: dt.date) -> pl.DataFrame:
    """Pupils at the start of the grade, plus transfers in, minus transfers out, up to the day of the exam.

    Who leaves without a transfer, is suspended or stays at home remains expected: only so does a school that sends its
    stronger pupils alone show. A transfer on the first day of the school year belongs to the start.

    Args:
        stays: ``school_code, status, entered_on, left_on`` of every stay in the grade and school year, of any status.
        school_year: e.g. ``2026-2027``.
        held_on: day of the exam; transfers on that day count.

    Returns:
        ``school_code, at_start, transferred_in, transferred_out, expected``, by school; source: enrollment-based
        denominators (起始年级人数 + 正常转入 − 正常转出).
    """
    start = pl.lit(first_day(school_year))
    entered, left = pl.col("entered_on"), pl.col("left_on")
    at_start = (entered <= start) & (left.is_null() | (left > start))
    came = (entered > start) & (entered <= held_on)
    went = (at_start | came) & (pl.col("status") == TRANSFERRED_OUT) & (left <= held_on)
    counted = stays.group_by("school_code").agg(
        at_start=at_start.sum().cast(pl.Int64),
        transferred_in=came.sum().cast(pl.Int64),
        transferred_out=went.fill_null(False).sum().cast(pl.Int64),
    )
    total = pl.col("at_start") + pl.col("transferred_in") - pl.col("transferred_out")
    return counted.with_columns(expected=total).sort("school_code")
