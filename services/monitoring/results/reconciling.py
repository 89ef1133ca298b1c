"""Figures somebody else holds, compared with ours, both ways and to the row. Blocks: call it in a thread.

What is withheld from the caller is not compared: an answer of equal or different would tell it. Of the caller's posted
rows, those that name such a figure are counted as withheld and nothing more is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from services.monitoring.results.catalog import TABLES
from services.monitoring.results.frames import ResultFrames
from services.monitoring.results.reading import Question, read_rows
from shared.scoring.rounding import half_away_from_zero_expr
from shared.terms.errors import DomainError, Fault

FIGURE, VALUE, OUTCOME = "figure", "value", "outcome"
THEIRS, OURS, DIFFERENCE = "theirs", "ours", "difference"


class Outcome(StrEnum):
    """What became of a figure."""

    EQUAL = "equal"
    DIFFERENT = "different"
    MISSING_THERE = "missing_there"
    """We hold it, within the scope of what was posted; it was not posted."""
    MISSING_HERE = "missing_here"
    """It was posted; the caller sees no such row with us."""
    WITHHELD = "withheld"
    """We withhold it from the caller; it is not compared."""
    REPEATED = "repeated"
    """Posted more than once: none of them is compared."""
    UNREADABLE = "unreadable"
    """What was posted as its value is no number."""


#: Outcomes that are listed; the others are counted.
LISTED = (Outcome.DIFFERENT, Outcome.MISSING_THERE, Outcome.MISSING_HERE, Outcome.REPEATED, Outcome.UNREADABLE)


@dataclass(frozen=True, slots=True, eq=False)
class Reconciled:
    """What a comparison found.

    Args:
        differences: key columns, ``figure``, ``outcome``, ``theirs``, ``ours``, ``difference`` (theirs − ours).
        counts: figures by outcome.
    """

    differences: pl.DataFrame
    counts: Mapping[str, int]


def reconcile(frames: ResultFrames, question: Question, posted: pl.DataFrame, *, digits: int | None) -> Reconciled:
    """Compares posted figures of a table with the caller's view of it.

    Args:
        frames: the version's frames.
        question: the table, and who asks.
        posted: ``figure``, ``value`` and key columns, all as text; a key column left out is empty in every row.
        digits: decimal places that were posted: our figures are rounded to them; ``None`` compares exactly.

    Raises:
        DomainError: ``request.invalid`` for figures or columns that the table has not, with those it has.
    """
    view, _ = read_rows(frames, question)
    keys = [*TABLES[question.table].keys]
    known = [name for name, dtype in view.schema.items() if dtype.is_numeric() and name not in keys]
    _require_known(posted, keys, known)
    theirs = _theirs(posted, view, keys)
    ours = _ours(view, keys, theirs, digits)
    joined = ours.join(theirs, on=[*keys, FIGURE], how="full", coalesce=True, nulls_equal=True)
    # A figure that is nothing here and was not posted is no difference and no agreement.
    asked = joined.filter(pl.col("is_posted").is_not_null() | pl.col(OURS).is_not_null())
    judged = asked.with_columns(_outcome().alias(OUTCOME)).sort(*keys, FIGURE, nulls_last=False)
    found = dict(judged[OUTCOME].value_counts().iter_rows())
    shown = judged.filter(pl.col(OUTCOME).is_in([outcome.value for outcome in LISTED]))
    difference = (pl.col(THEIRS) - pl.col(OURS)).alias(DIFFERENCE)
    listed = shown.select(*keys, FIGURE, OUTCOME, THEIRS, OURS, difference)
    return Reconciled(listed, {outcome.value: found.get(outcome.value, 0) for outcome in Outcome})


def _require_known(posted: pl.DataFrame, keys: Sequence[str], figures: Sequence[str]) -> None:
    unknown = [name for name in posted.columns if name not in (*keys, FIGURE, VALUE)]
    faults = [Fault("field.unknown", pointer=f"/rows/0/{name}", allowed=", ".join(keys)) for name in unknown]
    named = posted[FIGURE].unique().sort().to_list()
    faults += [
        Fault("field.unknown", pointer="/rows", column=FIGURE, value=str(name)[:40], allowed=", ".join(figures))
        for name in named
        if name not in figures
    ]
    if faults:
        raise DomainError(
            "request.invalid", params={"count": len(faults)}, faults=faults[:100], fault_count=len(faults)
        )


def _theirs(posted: pl.DataFrame, view: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Posted figures, each key once; keys of our types, values as numbers."""
    missing = [pl.lit(None, pl.String).alias(key) for key in keys if key not in posted.columns]
    text = posted.with_columns(missing)
    typed = text.select(
        *(pl.col(key).cast(view.schema[key], strict=False) for key in keys),
        FIGURE,
        pl.col(VALUE).cast(pl.Float64, strict=False).alias(THEIRS),
        (
            pl.col(VALUE).is_not_null()
            & ~pl.col(VALUE).cast(pl.Float64, strict=False).is_finite().fill_null(value=False)
        ).alias("is_unreadable"),
    )
    grouped = typed.group_by(*keys, FIGURE, maintain_order=True)
    once = grouped.agg(pl.first(THEIRS), pl.any("is_unreadable"), (pl.len() > 1).alias("is_repeated"))
    return once.with_columns(pl.lit(value=True).alias("is_posted"))


def _ours(view: pl.DataFrame, keys: Sequence[str], theirs: pl.DataFrame, digits: int | None) -> pl.DataFrame:
    """Our figures within the scope of what was posted: its figures, and of each the levels and subjects that occur."""
    figures = theirs[FIGURE].unique().sort().to_list()
    hidden = pl.col("suppressed") if "suppressed" in view.columns else pl.lit(value=False)
    rounded = [_rounded(pl.col(name), digits).alias(name) for name in figures]
    wide = view.select(*keys, hidden.alias("is_suppressed"), *rounded)
    long = wide.unpivot(on=figures, index=[*keys, "is_suppressed"], variable_name=FIGURE, value_name=OURS)
    bounds = [FIGURE, *(key for key in ("level", "subject", "model", "measure", "metric", "attribute") if key in keys)]
    scope = theirs.select(bounds).unique()
    inside = long.join(scope, on=bounds, how="semi", nulls_equal=True)
    return inside.with_columns(pl.lit(value=True).alias("is_here"))


def _rounded(figure: pl.Expr, digits: int | None) -> pl.Expr:
    return figure.cast(pl.Float64) if digits is None else half_away_from_zero_expr(figure, digits)


def _outcome() -> pl.Expr:
    posted, here = pl.col("is_posted").is_not_null(), pl.col("is_here").is_not_null()
    nothing = pl.col(OURS).is_null()
    return (
        pl.when(pl.col("is_repeated"))
        .then(pl.lit(Outcome.REPEATED.value))
        .when(pl.col("is_unreadable"))
        .then(pl.lit(Outcome.UNREADABLE.value))
        .when(~here)
        .then(pl.lit(Outcome.MISSING_HERE.value))
        .when(nothing & pl.col("is_suppressed"))
        .then(pl.lit(Outcome.WITHHELD.value))
        .when(posted & pl.col(THEIRS).eq_missing(pl.col(OURS)))
        .then(pl.lit(Outcome.EQUAL.value))
        .when(posted & pl.col(THEIRS).is_null())
        .then(pl.lit(Outcome.MISSING_THERE.value))
        .when(posted & nothing)
        .then(pl.lit(Outcome.MISSING_HERE.value))
        .when(posted)
        .then(pl.lit(Outcome.DIFFERENT.value))
        .otherwise(pl.lit(Outcome.MISSING_THERE.value))
    )
