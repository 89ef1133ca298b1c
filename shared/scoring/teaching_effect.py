"""Effect of teaching: value added of classes brought together for the teachers who taught them (SCORING §8.11).

Value added alone, never marks. A teacher who taught part of a class, or part of the year, is known less well, as if only
that part of its pupils had been theirs. Effects are shrunken, stand with an interval, and say ``not_classifiable`` where
they say nothing. What the classes were made up of stands beside them, with the check whether effects follow it.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import brentq

from shared.scoring.statistics.base import Z_95
from shared.scoring.value_added.composition import FLAGGED_ABOVE
from shared.scoring.value_added.correlation import pearson

Floats = NDArray[np.float64]
NOT_CLASSIFIABLE = "not_classifiable"
CLASS_COLUMNS = ("source", "school_code", "class_code", "n", "mean_residual", "se", "expected")
LINK_COLUMNS = ("source", "school_code", "class_code", "staff_key", "part")
PART_SCHEMA: dict[str, pl.DataType] = {
    "staff_key": pl.String(),
    "source": pl.String(),
    "classes": pl.Int64(),
    "n": pl.Float64(),
    "value": pl.Float64(),
    "se": pl.Float64(),
    "expected": pl.Float64(),
    "class_size": pl.Float64(),
}
EFFECT_SCHEMA: dict[str, pl.DataType] = {
    "staff_key": pl.String(),
    "classes": pl.Int64(),
    "n": pl.Float64(),
    "value": pl.Float64(),
    "value_se": pl.Float64(),
    "effect": pl.Float64(),
    "se": pl.Float64(),
    "ci_low": pl.Float64(),
    "ci_high": pl.Float64(),
    "reliability": pl.Float64(),
    "expected": pl.Float64(),
    "label": pl.String(),
}
COMPOSITION_SCHEMA: dict[str, pl.DataType] = {
    "source": pl.String(),
    "attribute": pl.String(),
    "teachers": pl.Int64(),
    "correlation": pl.Float64(),
    "ci_low": pl.Float64(),
    "ci_high": pl.Float64(),
    "flagged": pl.Boolean(),
}


def teacher_parts(classes: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Unshrunken value added of every teacher in every source.

    Args:
        classes: ``CLASS_COLUMNS``: one row per source (an exam's subject) and class, on the T scale; classes without a
            figure are left out.
        links: ``LINK_COLUMNS``: verified links, ``part`` from 0 to 1; those of one teacher to one class add up to at most 1.

    Returns:
        ``PART_SCHEMA`` by teacher and source: ``n`` is the pupils taught, by part; ``expected`` and ``class_size`` are means
        over them.
    """
    whole = links.group_by("source", "school_code", "class_code", "staff_key").agg(pl.col("part").sum().clip(0, 1))
    known = classes.select(CLASS_COLUMNS).drop_nulls()
    taught = whole.filter(pl.col("part") > 0).join(known, on=["source", "school_code", "class_code"], how="inner")
    weight = pl.col("n") * pl.col("part")
    total = weight.sum()
    return (
        taught.sort("staff_key", "source", "school_code", "class_code")
        .group_by("staff_key", "source", maintain_order=True)
        .agg(
            pl.len().alias("classes"),
            total.alias("__n"),
            ((weight * pl.col("mean_residual")).sum() / total).alias("value"),
            ((weight**2 * pl.col("se") ** 2 / pl.col("part")).sum().sqrt() / total).alias("se"),
            ((weight * pl.col("expected")).sum() / total).alias("expected"),
            ((weight * pl.col("n")).sum() / total).alias("class_size"),
        )
        .rename({"__n": "n"})
        .select(pl.col(name).cast(dtype) for name, dtype in PART_SCHEMA.items())
    )


def composition_of(parts: pl.DataFrame, *, min_n: float, limit: float = FLAGGED_ABOVE) -> pl.DataFrame:
    """Whether teachers' figures follow what their classes were made up of, per source.

    Args:
        parts: as :func:`teacher_parts` gives them.
        min_n: teachers of fewer pupils are left out.
        limit: size of a correlation that is flagged when exceeded.

    Returns:
        ``COMPOSITION_SCHEMA``; null below 4 teachers or without variation, and not flagged then.
    """
    rows = []
    for (source,), own in parts.filter(pl.col("n") >= min_n).sort("source").group_by(["source"], maintain_order=True):
        for attribute in ("expected", "class_size"):
            r, low, high = pearson(own["value"].to_numpy(), own[attribute].to_numpy())
            rows.append((source, attribute, own.height, r, low, high, r is not None and bool(abs(r) > limit)))
    return pl.DataFrame(rows, schema=COMPOSITION_SCHEMA, orient="row")


def teaching_effects(parts: pl.DataFrame, *, min_n: float, least_reliability: float = 0.5) -> pl.DataFrame:
    """One effect per teacher over all sources.

    Args:
        parts: as :func:`teacher_parts` gives them.
        min_n: fewest pupils, by part, of a teacher who is labeled; of fewer nothing but the count is told.
        least_reliability: an interval around 0 says "as expected" from this reliability on.

    Returns:
        ``EFFECT_SCHEMA`` by teacher; figures are null where ``n`` is under ``min_n``.
    """
    weight = 1 / pl.col("se") ** 2
    together = (
        parts.filter(pl.col("se") > 0)
        .sort("staff_key", "source")
        .group_by("staff_key", maintain_order=True)
        .agg(
            pl.col("classes").sum(),
            pl.col("n").sum(),
            ((weight * pl.col("value")).sum() / weight.sum()).alias("value"),
            (1 / weight.sum().sqrt()).alias("value_se"),
            ((pl.col("n") * pl.col("expected")).sum() / pl.col("n").sum()).alias("expected"),
        )
    )
    enough = pl.col("n") >= min_n
    counted = together.filter(enough)
    tau2 = variance_between(counted["value"].to_numpy(), counted["value_se"].to_numpy())
    share = tau2 / (tau2 + pl.col("value_se") ** 2)
    figures = together.with_columns(share.alias("reliability")).with_columns(
        (pl.col("reliability") * pl.col("value")).alias("effect"),
        (tau2 * (1 - pl.col("reliability"))).sqrt().alias("se"),
    )
    bounded = figures.with_columns(
        (pl.col("effect") - Z_95 * pl.col("se")).alias("ci_low"),
        (pl.col("effect") + Z_95 * pl.col("se")).alias("ci_high"),
    )
    labeled = bounded.with_columns(_label(tau2, least_reliability).alias("label"))
    shown = [
        pl.when(enough).then(pl.col(name)).alias(name)
        for name in ("value", "value_se", "effect", "se", "ci_low", "ci_high", "reliability", "expected")
    ]
    unknown = pl.when(enough).then("label").otherwise(pl.lit(NOT_CLASSIFIABLE)).alias("label")
    return labeled.with_columns(*shown, unknown).select(
        pl.col(name).cast(dtype) for name, dtype in EFFECT_SCHEMA.items()
    )


def variance_between(values: Floats, errors: Floats) -> float:
    """τ² of Paule and Mandel (1982) around 0: what makes Σ y²/(se² + τ²) as large as there are values.

    Args:
        values: figures around 0.
        errors: their standard errors, above 0.

    Returns:
        0 where the figures do not differ beyond chance, or there are none.
    """
    squares, sampling = values**2, errors**2
    if not len(values) or float((squares / sampling).sum()) <= len(values):
        return 0.0

    def excess(tau2: float) -> float:
        return float((squares / (sampling + tau2)).sum()) - len(values)

    return float(brentq(excess, 0.0, float(squares.sum()), xtol=1e-15, rtol=1e-13))


def _label(tau2: float, least_reliability: float) -> pl.Expr:
    if tau2 == 0:
        return pl.lit(NOT_CLASSIFIABLE)
    return (
        pl.when(pl.col("ci_low") >= 0)
        .then(pl.lit("above"))
        .when(pl.col("ci_high") < 0)
        .then(pl.lit("below"))
        .when(pl.col("reliability") >= least_reliability)
        .then(pl.lit("as_expected"))
        .otherwise(pl.lit(NOT_CLASSIFIABLE))
    )
