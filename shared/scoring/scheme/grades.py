"""Grades from totals, and vetoes that cap them (SCORING §10.3)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl

from shared.scoring.scheme.outline import Bools, Counts, Floats, Outline, is_veto
from shared.scoring.scheme.points import PLACES
from shared.scoring.scheme.tree import Scheme


def thresholds(scheme: Scheme) -> Counts:
    """Least printed total of each grade but the last, in hundredths, best first."""
    return np.array([math.ceil(band.at_least * PLACES) for band in scheme.grades[:-1]], np.int64)


def grade_positions(scheme: Scheme, printed_totals: Counts) -> Counts:
    """Position of the grade of printed totals, in hundredths; 0 is the best."""
    positions: Counts = (printed_totals[..., None] < thresholds(scheme)).sum(axis=-1)
    return positions


def grade_positions_of_exact(scheme: Scheme, totals: Floats) -> Counts:
    """The same from totals that are not rounded: as if each were printed."""
    # Half a hundredth below the least is printed as the least; noise decides nothing (rounding.without_noise).
    least = (thresholds(scheme) - 0.5) / PLACES - 5e-10
    positions: Counts = len(least) - np.searchsorted(least[::-1], totals, side="right")
    return positions


def caps(scheme: Scheme, tree: Outline, struck: Bools) -> Counts:
    """Position of the best grade left to each unit by the vetoes that struck it; of several the lowest counts.

    Args:
        scheme: its grades.
        tree: its outline.
        struck: vetoes × units, in the order of :func:`vetoes`.
    """
    if not struck.shape[0]:
        return np.zeros(struck.shape[1], np.int64)
    positions = {band.grade: position for position, band in enumerate(scheme.grades)}
    levels = np.array([positions[str(tree.leaves[number].rule.caps_at)] for number in vetoes(tree)])
    most: Counts = np.where(struck, levels[:, None], 0).max(axis=0)
    return most


def vetoes(tree: Outline) -> list[int]:
    """Positions of the vetoes among the leaves."""
    return [number for number, leaf in enumerate(tree.leaves) if is_veto(leaf)]


def codes_where(codes: Sequence[str], hits: Bools) -> pl.Series:
    """Per unit the codes hit, in order.

    Args:
        codes: of the leaves.
        hits: leaves × units.
    """
    unit, number = np.nonzero(hits.T)
    rows = pl.DataFrame({"unit": unit, "code": pl.Series(codes, dtype=pl.String).gather(number)})
    lists = rows.group_by("unit", maintain_order=True).agg("code")
    every = pl.DataFrame({"unit": np.arange(hits.shape[1])}).join(lists, on="unit", how="left", maintain_order="left")
    return every.select(pl.col("code").fill_null(pl.lit([], pl.List(pl.String))))["code"]
