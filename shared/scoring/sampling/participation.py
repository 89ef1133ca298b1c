"""Which drawn pupils took part in a subject, and their weights (SCORING §8b.12)."""

from __future__ import annotations

import polars as pl

from shared.scoring.sampling.draws import SampleDraw
from shared.scoring.sampling.weights import Participation, sample_weights
from shared.scoring.subjects import MarkStatus

_OUTSIDE = (MarkStatus.EXEMPT.value, MarkStatus.NOT_ENTERED.value)


def participation(subject: str) -> pl.Expr:
    """What became of a drawn pupil in a subject.

    No longer enrolled at the drawn school, exempt or not entered: outside the subject's population. Absent, void, or without
    a row in the sheet: has not taken part, and others stand for the pupil.

    Args:
        subject: column of codes: marks in grid units from 0, statuses below, null without a row; beside it the frame has
            ``is_enrolled``.
    """
    code = pl.col(subject)
    outside = ~pl.col("is_enrolled") | code.is_in(list(_OUTSIDE)).fill_null(value=False)
    return (
        pl.when(outside)
        .then(pl.lit(Participation.INELIGIBLE.value))
        .when(code >= 0)
        .then(pl.lit(Participation.PARTICIPATED.value))
        .otherwise(pl.lit(Participation.ABSENT.value))
        .alias("participation")
    )


def subject_weights(draw: SampleDraw, pupils: pl.DataFrame, subject: str) -> pl.DataFrame:
    """Weights of the pupils present in a subject, adjusted for schools and pupils that were not.

    A sampled school that was not replaced and of whose drawn pupils none belongs to the subject's population is itself
    outside it. A stratum of which no school took part is represented by the next stratum that has one (the one before, at
    the end), in order of code; its own figures do not exist.

    Args:
        draw: the drawn schools.
        pupils: drawn pupils of the schools that were to take part: ``school_code, class_code, student_id,
            pupil_probability, is_enrolled`` and the subject's codes.
        subject: column of the subject's codes.

    Returns:
        As :func:`~shared.scoring.sampling.weights.sample_weights`.

    Raises:
        DomainError: ``scoring.sample_weights_impossible`` where nobody was present.
    """
    marked = pupils.with_columns(participation(subject))
    state = marked.group_by("school_code").agg(
        (pl.col("participation") == Participation.PARTICIPATED.value).any().alias("present"),
        (pl.col("participation") == Participation.INELIGIBLE.value).all().alias("outside"),
    )
    sampled = draw.schools.filter(pl.col("role") == "sampled")["school_code"]
    outside = state.filter("outside", pl.col("school_code").is_in(sampled.implode()))["school_code"].to_list()
    present = state.filter("present")["school_code"]
    columns = ["school_code", "class_code", "student_id", "pupil_probability", "participation"]
    classes = _adjustment_classes(draw, present)
    return sample_weights(draw, marked.select(columns), ineligible_schools=outside, school_classes=classes)


def _adjustment_classes(draw: SampleDraw, present: pl.Series) -> pl.DataFrame:
    """Strata as classes, those without a school that took part joined to a neighbor."""
    schools = draw.schools.select(
        "school_code", "stratum", pl.col("school_code").is_in(present.implode()).alias("present")
    )
    strata = schools.group_by("stratum").agg(pl.col("present").any()).sort("stratum")
    named = pl.when("present").then(pl.col("stratum"))
    classes = strata.select("stratum", named.backward_fill().forward_fill().alias("adjustment_class"))
    return schools.join(classes, on="stratum", how="left").select("school_code", "adjustment_class")
