"""What is wrong with a sheet of fitness results: pure, over typed columns."""

from __future__ import annotations

import polars as pl

from services.student_eval.fitness.columns import (
    EXEMPT,
    MEASURES,
    RUN_800M,
    RUN_1000M,
    SEX,
    SEX_WORDS,
    STUDENT_NUMBER,
    VISION,
    YES_NO,
    Measure,
)
from shared.kernel.tabular.columns import ROW
from shared.kernel.tabular.faults import FaultTable, unique_faults

STUDENT_KEY, LONG_RUN = "student_key", "long_run"
#: 3'45, 3′45″, 3:45, 3分45秒: minutes and seconds.
_MINUTES = r"^(\d{1,2})\s*(?:'|′|’|:|：|分)\s*(\d{1,2}(?:\.\d)?)\s*(?:\"|″|”|'|′|秒)?$"
_SECONDS = r"^\d{1,4}(?:\.\d{1,2})?$"
#: A run of at least 60 s written with less than this is minutes and seconds with a point, or nothing we can know.
_UNCLEAR_BELOW = 20
_KEPT = [each.name for each in (*MEASURES, *VISION) if each.name not in (RUN_800M, RUN_1000M)]


def check_results(frame: pl.DataFrame, faults: FaultTable) -> pl.DataFrame:
    """Reports every fault of the results.

    Args:
        frame: the typed table with ``row`` and, in place of the number, ``student_key``.
        faults: takes the faults found.

    Returns:
        ``row, student_key, sex, is_exempt``, every measure as Float64 (times in seconds) with one ``long_run``.
    """
    unique_faults(frame, [STUDENT_KEY], faults, code="fitness.student_twice")
    times = [each for each in MEASURES if each.is_time]
    frame = frame.with_columns(seconds(each.name).alias(f"{each.name}__s") for each in times)
    for each in times:
        _check_time(frame, each, faults)
    frame = frame.with_columns(
        pl.col(SEX).replace_strict(SEX_WORDS, default=None),
        pl.col(EXEMPT).replace_strict(YES_NO, default=None).fill_null(value=False),
        *(pl.col(f"{each.name}__s").alias(each.name) for each in times),
        *(pl.col(each.name).cast(pl.Float64) for each in (*MEASURES, *VISION) if not each.is_time),
    )
    for each in (*MEASURES, *VISION):
        outside = ~pl.col(each.name).is_between(float(each.least), float(each.most))
        faults.add_where(frame, outside, code="fitness.not_believed", column=each.name, allowed=each.range)
    for run, sex in ((RUN_800M, "boys"), (RUN_1000M, "girls")):
        wrong = (pl.col(SEX) == sex) & pl.col(run).is_not_null()
        faults.add_where(frame, wrong, code="fitness.other_run", column=run)
    long_run = pl.when(pl.col(SEX) == "girls").then(RUN_800M).otherwise(RUN_1000M).alias(LONG_RUN)
    return frame.select(ROW, STUDENT_KEY, SEX, EXEMPT, *_KEPT, long_run)


def check_pupils(frame: pl.DataFrame, enrolled: pl.DataFrame, faults: FaultTable) -> pl.DataFrame:
    """Joins class and grade of the roster; who is not enrolled at the school is a fault.

    Args:
        frame: of :func:`check_results`.
        enrolled: ``student_key, class_code, grade_level`` of the school in the year.
        faults: takes the faults found.
    """
    placed = frame.join(enrolled, on=STUDENT_KEY, how="left", maintain_order="left")
    unknown = pl.col(STUDENT_KEY).is_not_null() & pl.col("grade_level").is_null()
    faults.add_where(placed, unknown, code="fitness.not_enrolled", column=STUDENT_NUMBER)
    return placed


def check_retests(frame: pl.DataFrame, failed: pl.Series, faults: FaultTable) -> None:
    """A second test is for those whose first total failed.

    Args:
        frame: rows with ``student_key``.
        failed: pseudonyms of those who failed.
        faults: takes the faults found.
    """
    not_due = pl.col(STUDENT_KEY).is_not_null() & ~pl.col(STUDENT_KEY).is_in(failed.implode())
    faults.add_where(frame, not_due, code="fitness.no_retest_due", column=STUDENT_NUMBER)


def seconds(column: str) -> pl.Expr:
    """A time as seconds, null where it cannot be read."""
    text = pl.col(column).str.strip_chars()
    minutes = text.str.extract(_MINUTES, 1).cast(pl.Float64)
    rest = text.str.extract(_MINUTES, 2).cast(pl.Float64)
    plain = pl.when(text.str.contains(_SECONDS)).then(text).cast(pl.Float64, strict=False)
    clear = pl.when(plain >= _UNCLEAR_BELOW).then(plain)
    return pl.when(rest < 60).then(minutes * 60 + rest).otherwise(clear)


def _check_time(frame: pl.DataFrame, measure: Measure, faults: FaultTable) -> None:
    unread = pl.col(measure.name).is_not_null() & pl.col(f"{measure.name}__s").is_null()
    faults.add_where(frame, unread, code="fitness.time_unclear", column=measure.name, allowed="3'45、3:45、225")
