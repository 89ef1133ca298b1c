"""What an item statistic is: named measures, and a function from the summary to their figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.scoring.items.quality import QualityScale
from shared.scoring.items.summary import ItemSummary
from shared.scoring.summaries.group_counts import Integers

Numbers = NDArray[np.float64]
Exact = NDArray[Any]
"""An array of Python integers or fractions: no rounding, no overflow; k × k at most."""


class Reason(StrEnum):
    """Why a figure is not computed."""

    FEW_CANDIDATES = "few_candidates"
    FEW_ITEMS = "few_items"
    NO_VARIANCE = "no_variance"


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """One measure, of every item or (arrays of length 1) of the paper.

    Args:
        value: NaN where a reason stands.
        se: standard error; NaN where there is none.
        ci_low: lower end of the 95 % interval.
        ci_high: upper end.
        reason: why there is no value, or ``None``.
    """

    value: Numbers
    se: Numbers
    ci_low: Numbers
    ci_high: Numbers
    reason: tuple[Reason | None, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """One named figure.

    Args:
        code: its name in results.
        of_paper: whether there is one for the paper rather than one per item.
        scale: quality bands that judge it, if any.
    """

    code: str
    of_paper: bool = False
    scale: QualityScale | None = None


@dataclass(frozen=True, slots=True)
class ItemStatistic:
    """One family of measures.

    Args:
        name: the file's name.
        section: section of ``docs/scoring.md``.
        measures: what it gives.
        finish: figures by measure code, for all items at once.
    """

    name: str
    section: str
    measures: tuple[Measure, ...]
    finish: Callable[[ItemView], Mapping[str, Figures]]


class ItemView:
    """A summary laid out for finishing. Marks are in units of the total; everything exact stays exact."""

    def __init__(self, summary: ItemSummary) -> None:
        self.plan = summary.plan
        self.item_count = len(summary.plan.items)
        self.full_units = summary.plan.full_units
        self.total_units: Integers = summary.totals.keys["total_units"].to_numpy()
        self.total_count = summary.totals.sums[:, 0]
        self.item_sums = summary.totals.sums[:, 1 : 1 + self.item_count]
        self.item_squares = summary.totals.sums[:, 1 + self.item_count :]
        self.n = int(self.total_count.sum())
        self._products = summary.moments.products.sum(axis=0)

    @cached_property
    def mark_sums(self) -> Integers:
        """Sum of every item's marks."""
        sums: Integers = self.item_sums.sum(axis=0)
        return sums

    @cached_property
    def covariances(self) -> Exact:
        """n² × the population covariances of the items, exact; divide by n(n − 1) for those of a sample."""
        sums = self.mark_sums.astype(object)
        exact: Exact = self.n * self._products.astype(object) - np.multiply.outer(sums, sums)
        return exact

    @cached_property
    def item_variances(self) -> Exact:
        """Diagonal of :attr:`covariances`."""
        return self.covariances.diagonal()

    @cached_property
    def with_total(self) -> Exact:
        """n² × covariance of every item with the total."""
        row_sums: Exact = self.covariances.sum(axis=1)
        return row_sums

    @cached_property
    def total_variance(self) -> int:
        """n² × variance of the total."""
        return int(self.with_total.sum())

    @cached_property
    def is_dichotomous(self) -> NDArray[np.bool_]:
        """Whether an item's marks are only 0 and its full mark: then Σx² = full mark · Σx, and not otherwise."""
        dichotomous: NDArray[np.bool_] = self._products.diagonal() == self.full_units * self.mark_sums
        return dichotomous

    @property
    def few(self) -> bool:
        """Whether there are too few candidates to judge items by."""
        return self.n < self.plan.min_candidates

    def extreme_shares(self, low: Fraction, high: Fraction) -> Numbers:
        """Part of the candidates at each total who fall between two positions counted from the lowest total.

        A total that straddles an edge gives each of its candidates the same chance to lie inside, which is what the
        average over all orders of the tied candidates comes to (SCORING §7.2).

        Args:
            low: lower position, 0 to n.
            high: upper position.

        Returns:
            Shares 0 to 1 per total.
        """
        scale = low.denominator * high.denominator
        last = np.cumsum(self.total_count)
        upper = np.minimum(last * scale, int(high * scale))
        lower = np.maximum((last - self.total_count) * scale, int(low * scale))
        share: Numbers = np.maximum(upper - lower, 0) / (self.total_count * scale)
        return share


def quotients(numerator: Exact, denominator: Exact | int) -> Numbers:
    """Exact integers divided, each quotient rounded once; NaN where the denominator is 0."""
    pairs = np.broadcast(numerator, np.asarray(denominator, object))
    flat = [float(Fraction(int(top), int(bottom))) if bottom else np.nan for top, bottom in pairs]
    return np.array(flat, np.float64).reshape(pairs.shape)


def missing(length: int, reason: Reason) -> Figures:
    """Figures that are all undefined for one reason."""
    nothing = np.full(length, np.nan)
    return Figures(nothing, nothing, nothing, nothing, (reason,) * length)
