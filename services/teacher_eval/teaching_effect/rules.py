"""Pure decisions about the effect of teaching: usable exams, how much of a year a link covers, bands and totals."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from shared.policy.schemes import attainment_objection
from shared.scoring.teaching_effect import NOT_CLASSIFIABLE
from shared.terms.errors import DomainError

T_SD = 10.0
#: A band is told of at least so many teachers, a school's counts of at least so many.
LEAST_BAND, LEAST_SCHOOL = 10, 5
LABELS = ("above", "as_expected", "below", NOT_CLASSIFIABLE)


def require_usable(exam: str, *, kind: str, exam_year: str, school_year: str) -> None:
    """Exams that decide admission say nothing of teachers, in no form; and an exam speaks of its own year.

    Raises:
        DomainError: ``teaching_effect.entrance_exam`` with the rule, ``teaching_effect.other_year``.
    """
    rule = attainment_objection(kind)
    if rule is not None:
        raise DomainError(
            "teaching_effect.entrance_exam", params={"exam": exam, "rule": rule.id, "title": rule.title["zh"]}
        )
    if exam_year != school_year:
        raise DomainError("teaching_effect.other_year", params={"exam": exam, "exam_year": exam_year})


def on_t_scale(classes: pl.DataFrame, *, source: str) -> pl.DataFrame:
    """Published figures of classes as :data:`shared.scoring.teaching_effect.CLASS_COLUMNS`, all on the T scale."""
    factor = pl.when(pl.col("scale") == "raw").then(T_SD / pl.col("outcome_sd")).otherwise(1.0)
    return classes.select(
        pl.lit(source).alias("source"),
        "school_code",
        "class_code",
        "n",
        pl.col("mean_residual") * factor,
        pl.col("se") * factor,
        pl.col("expected") * factor,
    )


def link_parts(links: pl.DataFrame, *, school_year: str, held_on: dt.date, source: str) -> pl.DataFrame:
    """Verified links as :data:`shared.scoring.teaching_effect.LINK_COLUMNS`: share × part of the year before the exam.

    Args:
        links: ``school_code, class_code, staff_key, share, starts_on, ends_on``.
        school_year: the year, from 1 September.
        held_on: the day of the exam; what comes after it had no effect on it.
        source: the exam's subject.
    """
    first = dt.date(int(school_year[:4]), 9, 1)
    days = max((held_on - first).days, 1)
    starts = pl.max_horizontal("starts_on", pl.lit(first))
    ends = pl.min_horizontal("ends_on", pl.lit(held_on - dt.timedelta(days=1)))
    covered = ((ends - starts).dt.total_days() + 1).clip(0, days) / days
    return links.select(
        pl.lit(source).alias("source"),
        "school_code",
        "class_code",
        "staff_key",
        (pl.col("share") * covered).alias("part"),
    )


def bands_of(effects: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """The middle half of effects by subjects taught, of ten teachers or more.

    Args:
        effects: ``subjects`` and ``effect``.
    """
    bands = (
        effects.drop_nulls("effect")
        .group_by("subjects")
        .agg(
            pl.len().alias("people"),
            pl.col("effect").quantile(0.25, "linear").alias("low"),
            pl.col("effect").median().alias("median"),
            pl.col("effect").quantile(0.75, "linear").alias("high"),
        )
    )
    kept = bands.filter(pl.col("people") >= LEAST_BAND).sort("subjects")
    return {row.pop("subjects"): row for row in kept.iter_rows(named=True)}


def totals_of(effects: pl.DataFrame) -> list[dict[str, Any]]:
    """How many teachers of each school stand where, and the mean of their effects; nothing of fewer than five.

    Args:
        effects: ``org_path``, ``label`` and ``effect``, null where a teacher has too few pupils.

    Returns:
        ``org_path, teachers, counts, mean, suppressed`` by path.
    """
    found = []
    for (path,), rows in effects.drop_nulls("effect").sort("org_path").group_by(["org_path"], maintain_order=True):
        is_small = rows.height < LEAST_SCHOOL
        counts = {label: int((rows["label"] == label).sum()) for label in LABELS}
        found.append(
            {
                "org_path": path,
                "teachers": None if is_small else rows.height,
                "counts": None if is_small else counts,
                "mean": None if is_small else rows["effect"].mean(),
                "suppressed": is_small,
            }
        )
    return found
