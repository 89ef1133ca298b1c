"""Every unit of a scheme judged at once: shares, weights, points, totals and grades (SCORING §10)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from shared.scoring.scheme.grades import caps, codes_where, grade_positions, vetoes
from shared.scoring.scheme.outline import Bools, Counts, Floats, Outline, outline
from shared.scoring.scheme.points import PLACES, Points, PrintedPoints, printed, weighed
from shared.scoring.scheme.score_table import score_table
from shared.scoring.scheme.shares import Status, Statuses, counts_for, leaf_shares, leaf_statuses
from shared.scoring.scheme.tree import Scheme
from shared.scoring.scheme.unit_values import GROUP, UNIT, UnitValues, check_values


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """What a scheme says of its units. Frames are in the order of the units' codes and, inside, of the scheme.

    Args:
        scores: a row per unit and node: ``unit_code, node, parent, depth, is_leaf, status, value, choice, share, weight,
            nominal_points, points_possible, points, printed_points_possible, printed_points``.
        totals: a row per unit: ``unit_code, group, total, printed_total, grade, uncapped_grade, vetoed_by, blocked_by,
            leaf_count, missing_count, not_applicable_count, group_count, rank_in_group, tie_count``.
    """

    scores: pl.DataFrame
    totals: pl.DataFrame


def evaluate(scheme: Scheme, units: pl.DataFrame, values: pl.DataFrame) -> Evaluation:
    """Judges all units at once.

    Args:
        scheme: as of the day the values are of.
        units: ``unit_code`` and the attributes that the scheme groups by or limits leaves by.
        values: ``unit_code`` and a column per leaf code; null, or no column or row, is missing.

    Raises:
        DomainError: ``scheme.values_invalid`` with every fault, see :func:`shared.scoring.scheme.unit_values.check_values`.
    """
    tree = outline(scheme)
    checked = check_values(scheme, tree, units, values)
    judged = judge(scheme, tree, checked)
    return Evaluation(
        score_table(tree, checked, judged.shares, judged.statuses, judged.points, judged.printed),
        _totals(scheme, tree, checked, judged),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """The matrices behind an evaluation, leaves or nodes × units.

    Args:
        shares: of the leaves; NaN where there is no value, 0 where that counts as none.
        statuses: of the leaves.
        points: exact, of the nodes.
        printed: as printed, of the nodes.
        struck: vetoes × units.
        cap: position of the best grade that vetoes leave.
        is_blocked: per unit.
    """

    shares: Floats
    statuses: Statuses
    points: Points
    printed: PrintedPoints
    struck: Bools
    cap: Counts
    is_blocked: Bools


def judge(scheme: Scheme, tree: Outline, checked: UnitValues) -> Judged:
    """Shares, points and vetoes of checked values."""
    found = leaf_shares(tree, checked.frame)
    statuses = leaf_statuses(tree, ~np.isnan(found), checked.applies)
    shares = np.where(statuses == Status.MISSING_ZERO, 0.0, found)
    points = weighed(tree, tree.weights, counts_for(statuses), np.nan_to_num(shares))
    struck = (shares[vetoes(tree)] < 1) & (statuses[vetoes(tree)] == Status.SCORED)
    is_blocked = (statuses == Status.BLOCKED).any(axis=0)
    return Judged(shares, statuses, points, printed(tree, points), struck, caps(scheme, tree, struck), is_blocked)


def _totals(scheme: Scheme, tree: Outline, checked: UnitValues, judged: Judged) -> pl.DataFrame:
    hundredths, statuses = judged.printed.total, judged.statuses
    by_total = grade_positions(scheme, hundredths)
    letters = np.array([band.grade for band in scheme.grades], object)
    has_total = ~judged.is_blocked & ~np.isnan(judged.points.total)
    codes = [leaf.code for leaf in tree.leaves]
    vetoing = [codes[number] for number in vetoes(tree)]
    applicable = statuses != Status.NOT_APPLICABLE
    frame = checked.frame.select(UNIT, GROUP).with_columns(
        pl.Series("total", judged.points.total),
        pl.Series("printed_total", hundredths / PLACES),
        pl.Series("grade", letters[np.maximum(by_total, judged.cap)], pl.String),
        pl.Series("uncapped_grade", letters[by_total], pl.String),
        codes_where(vetoing, judged.struck).alias("vetoed_by"),
        codes_where(codes, statuses == Status.BLOCKED).alias("blocked_by"),
        pl.Series("leaf_count", applicable.sum(axis=0)),
        pl.Series("missing_count", (applicable & (statuses != Status.SCORED)).sum(axis=0)),
        pl.Series("not_applicable_count", (~applicable).sum(axis=0)),
        pl.Series("__has_total", has_total),
    )
    held = ("total", "printed_total", "grade", "uncapped_grade")
    return (
        frame.with_columns(pl.when("__has_total").then(pl.col(column)).alias(column) for column in held)
        .with_columns(_standing(pl.col("printed_total")))
        .drop("__has_total")
    )


def _standing(total: pl.Expr) -> list[pl.Expr]:
    rank = total.rank("min", descending=True).over(GROUP).cast(pl.Int64)
    return [
        total.count().over(GROUP).cast(pl.Int64).alias("group_count"),
        rank.alias("rank_in_group"),
        pl.when(total.is_not_null())
        .then(total.count().over([GROUP, "printed_total"]))
        .cast(pl.Int64)
        .alias("tie_count"),
    ]
