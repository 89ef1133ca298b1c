"""How much a grade owes to the exact weights and to chance (SCORING §10.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import polars as pl

from shared.scoring.rules.base import ValueKind
from shared.scoring.scheme.drawn_totals import drawn_totals, extreme_totals
from shared.scoring.scheme.evaluation import Judged, judge
from shared.scoring.scheme.grades import grade_positions, grade_positions_of_exact
from shared.scoring.scheme.outline import Counts, Floats, Outline, outline
from shared.scoring.scheme.shares import drawn_share
from shared.scoring.scheme.tree import Scheme
from shared.scoring.scheme.unit_values import GROUP, UNIT, UnitValues, check_errors, check_values

_ROWS_AT_ONCE = 400_000
_ENDS = (0.025, 0.975)


class Cause(StrEnum):
    """What is varied."""

    WEIGHTS = "weights"
    VALUES = "values"
    """Measured values, by their standard errors."""
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class SensitivitySettings:
    """How grades are put to the test.

    Args:
        weight_change: how far a weight may be from what is written, as a share of it.
        draws: number of draws; memory is some 40 bytes × draws × units.
        seed: of the draws; the same seed gives the same figures.
    """

    weight_change: float = 0.10
    draws: int = 1000
    seed: int = 1

    def __post_init__(self) -> None:
        if not 0 < self.weight_change < 1 or self.draws < 1:
            raise ValueError("weights change by a share between 0 and 1, in at least one draw")


@dataclass(frozen=True, slots=True, eq=False)
class Sensitivity:
    """How stable totals and grades are.

    Args:
        settings: what was done.
        bounds: a row per unit: ``unit_code, group, total, grade, lowest_total, highest_total, lowest_grade, highest_grade,
            is_certain``: what weights within the change can make of it at most, exactly.
        draws: a row per cause and unit: ``cause, unit_code, group, same_grade_rate, better_rate, worse_rate, total_se,
            total_ci_low, total_ci_high, rank_low, rank_high``; intervals hold 95 % of the draws. Causes with values only
            where errors were given.
        summary: a row per cause: ``cause, unit_count, mean_same_grade_rate, stable_rate`` (share of units that keep their
            grade in at least 95 % of the draws).
    """

    settings: SensitivitySettings
    bounds: pl.DataFrame
    draws: pl.DataFrame
    summary: pl.DataFrame


STABLE = 0.95


def sensitivity(
    scheme: Scheme,
    units: pl.DataFrame,
    values: pl.DataFrame,
    *,
    errors: pl.DataFrame | None = None,
    settings: SensitivitySettings | None = None,
) -> Sensitivity:
    """Puts every grade to the test.

    Weights of all nodes vary independently and evenly within the change, relative to their siblings. Values vary normally
    by their standard errors, through the rules; counts not below 0. Missing values, vetoes and values without an error stay.

    Args:
        scheme: the scheme.
        units: as for :func:`shared.scoring.scheme.evaluation.evaluate`.
        values: likewise.
        errors: ``unit_code`` and standard errors of leaves that are numbers or counts; null is none.
        settings: defaults where ``None``.

    Raises:
        DomainError: ``scheme.values_invalid``.
    """
    settings = settings or SensitivitySettings()
    tree = outline(scheme)
    checked = check_values(scheme, tree, units, values)
    judged = judge(scheme, tree, checked)
    test = _Test(scheme, tree, checked, judged, settings, check_errors(tree, checked, errors))
    causes = tuple(Cause) if test.errors else (Cause.WEIGHTS,)
    draws = pl.concat([test.drawn(cause) for cause in causes])
    summary = draws.group_by("cause", maintain_order=True).agg(
        pl.col("same_grade_rate").count().cast(pl.Int64).alias("unit_count"),
        pl.col("same_grade_rate").mean().alias("mean_same_grade_rate"),
        (pl.col("same_grade_rate") >= STABLE).mean().alias("stable_rate"),
    )
    return Sensitivity(settings, test.bounds(), draws, summary)


@dataclass(frozen=True, slots=True, eq=False)
class _Test:
    scheme: Scheme
    tree: Outline
    checked: UnitValues
    judged: Judged
    settings: SensitivitySettings
    errors: Mapping[int, Floats]

    def bounds(self) -> pl.DataFrame:
        finite = np.nan_to_num(self.judged.shares)
        low, high = extreme_totals(self.tree, self.judged.points.counted, finite, self.settings.weight_change)
        grades = np.array([band.grade for band in self.scheme.grades], object)
        places = [self._capped(grade_positions_of_exact(self.scheme, total)) for total in (low, high)]
        frame = self.checked.frame.select(UNIT, GROUP).with_columns(
            pl.Series("total", self.judged.points.total),
            pl.Series("grade", grades[self._own()], pl.String),
            pl.Series("lowest_total", low),
            pl.Series("highest_total", high),
            pl.Series("lowest_grade", grades[places[0]], pl.String),
            pl.Series("highest_grade", grades[places[1]], pl.String),
            pl.Series("is_certain", places[0] == places[1]),
        )
        has_total = pl.Series(self._has_total())
        return frame.with_columns(
            pl.when(has_total).then(pl.col(column)).alias(column)
            for column in frame.columns
            if column not in (UNIT, GROUP)
        )

    def drawn(self, cause: Cause) -> pl.DataFrame:
        totals = np.concatenate(list(self._totals(cause)))
        totals[:, ~self._has_total()] = np.nan
        ranks = ranks_in_groups(totals, self.checked.frame[GROUP])
        grades = self._capped(grade_positions_of_exact(self.scheme, totals))
        own = self._own()
        low, high = np.quantile(totals, _ENDS, axis=0)
        rank_low, rank_high = np.quantile(ranks, _ENDS, axis=0, method="inverted_cdf")
        count = len(totals)
        figures = {
            "same_grade_rate": (grades == own).mean(axis=0),
            "better_rate": (grades < own).mean(axis=0),
            "worse_rate": (grades > own).mean(axis=0),
            "total_se": totals.std(axis=0, ddof=1) if count > 1 else np.full(totals.shape[1], np.nan),
            "total_ci_low": low,
            "total_ci_high": high,
            "rank_low": rank_low.astype(float),
            "rank_high": rank_high.astype(float),
        }
        has_total = pl.Series(self._has_total())
        names = self.checked.frame.select(pl.lit(cause.value).alias("cause"), UNIT, GROUP)
        return names.with_columns(
            pl.Series(name, figure).fill_nan(None).set(~has_total, None) for name, figure in figures.items()
        ).with_columns(pl.col("rank_low", "rank_high").cast(pl.Int64))

    def _totals(self, cause: Cause) -> Iterator[Floats]:
        """Totals chunk by chunk; weights and values have streams of their own, so that one does not move the other."""
        by_weights = np.random.Generator(np.random.PCG64([self.settings.seed, 1]))
        by_values = np.random.Generator(np.random.PCG64([self.settings.seed, 2]))
        change, unit_count = self.settings.weight_change, self.checked.frame.height
        finite = np.nan_to_num(self.judged.shares)
        at_once = max(1, _ROWS_AT_ONCE // max(unit_count, 1))
        for start in range(0, self.settings.draws, at_once):
            count = min(at_once, self.settings.draws - start)
            weights = self.tree.weights[None, :]
            if cause is not Cause.VALUES:
                weights = weights * by_weights.uniform(1 - change, 1 + change, (count, len(self.tree.nodes)))
            drawn = {} if cause is Cause.WEIGHTS else self._drawn_shares(by_values, count)
            yield drawn_totals(self.tree, weights, self.judged.points.counted, finite, drawn)

    def _drawn_shares(self, generator: np.random.Generator, count: int) -> dict[int, Floats]:
        group = self.checked.frame[GROUP].rank("dense").to_numpy().astype(np.int64)
        apart = np.arange(count)[:, None] * (group.max(initial=0) + 1) + group
        drawn = {}
        for number, error in self.errors.items():
            leaf = self.tree.leaves[number]
            value = self.checked.frame[leaf.code].to_numpy()
            other = value + error * generator.standard_normal((count, len(value)))
            if leaf.rule.value_kind is ValueKind.COUNT:
                other = np.maximum(other, 0.0)
            drawn[number] = np.nan_to_num(drawn_share(leaf.rule, other, apart))
        return drawn

    def _has_total(self) -> np.ndarray:
        return ~self.judged.is_blocked & ~np.isnan(self.judged.points.total)

    def _own(self) -> Counts:
        return self._capped(grade_positions(self.scheme, self.judged.printed.total))

    def _capped(self, positions: Counts) -> Counts:
        return np.maximum(positions, self.judged.cap)


def ranks_in_groups(totals: Floats, group: pl.Series) -> Floats:
    """Rank of every unit in its group in every draw, highest total first, ties sharing the smallest rank.

    Args:
        totals: draws × units; NaN has no rank.
        group: of the units.

    Returns:
        draws × units; NaN where there is no total.
    """
    ranks = np.full(totals.shape, np.nan)
    for members in group.to_frame().with_row_index("at").group_by(group.name, maintain_order=True).agg("at")["at"]:
        columns = members.to_numpy()
        own = np.where(np.isnan(totals[:, columns]), -np.inf, totals[:, columns])
        order = np.argsort(-own, axis=1, kind="stable")
        placed = np.take_along_axis(own, order, axis=1)
        is_new = np.ones(own.shape, np.bool_)
        is_new[:, 1:] = placed[:, 1:] < placed[:, :-1]
        first = np.maximum.accumulate(np.where(is_new, np.arange(own.shape[1]), 0), axis=1) + 1.0
        found = np.empty(own.shape)
        np.put_along_axis(found, order, first, axis=1)
        ranks[:, columns] = np.where(np.isneginf(own), np.nan, found)
    return ranks
