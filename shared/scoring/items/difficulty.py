"""Difficulty P of items and of the paper: share of the full mark that was earned; high is easy (SCORING §7.1)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.stats import t as student

from shared.scoring.items.base import (
    Exact,
    Figures,
    ItemStatistic,
    ItemView,
    Measure,
    Numbers,
    Reason,
    missing,
    quotients,
)
from shared.scoring.items.quality import DIFFICULTY
from shared.scoring.statistics.rates import wilson_interval
from shared.scoring.summaries.group_counts import Integers


def difficulty(view: ItemView) -> Mapping[str, Figures]:
    """P = mean mark / full mark, 0 to 1.

    An item marked only 0 or full is a share: se √(P(1 − P)/n), Wilson's 95 % interval. Otherwise, and for the paper,
    se = sd / (√n · full mark) and the interval is P ± t₀.₉₇₅(n − 1) · se, cut off at 0 and 1. Fewer candidates than
    the plan asks for: ``few_candidates``. An item all solved has P 1, se 0 and an interval that ends at 1.
    """
    if view.few:
        return {
            "item_difficulty": missing(view.item_count, Reason.FEW_CANDIDATES),
            "paper_difficulty": missing(1, Reason.FEW_CANDIDATES),
        }
    items = _means(view, view.mark_sums, view.full_units, variances=view.item_variances)
    share = items.value
    solved = view.mark_sums // view.full_units
    low, high = wilson_interval(solved, np.full(view.item_count, view.n))
    yes_no = view.is_dichotomous
    paper = _means(
        view,
        view.mark_sums.sum(keepdims=True),
        view.full_units.sum(keepdims=True),
        variances=np.array([view.total_variance], object),
    )
    return {
        "item_difficulty": Figures(
            share,
            np.where(yes_no, np.sqrt(share * (1 - share) / view.n), items.se),
            np.where(yes_no, low, items.ci_low),
            np.where(yes_no, high, items.ci_high),
            items.reason,
        ),
        "paper_difficulty": paper,
    }


def _means(view: ItemView, sums: Integers, full: Integers, *, variances: Exact) -> Figures:
    n = view.n
    share = quotients(sums, view.n * full)
    # n²·variance / (n · n(n − 1)) is the squared standard error of the mean.
    se: Numbers = np.sqrt(quotients(variances, n * n * (n - 1))) / full
    margin = se * student.ppf(0.975, max(n - 1, 1))
    return Figures(share, se, np.maximum(share - margin, 0), np.minimum(share + margin, 1), (None,) * len(share))


STATISTIC = ItemStatistic(
    "difficulty",
    "7.1",
    (Measure("item_difficulty", scale=DIFFICULTY), Measure("paper_difficulty", of_paper=True)),
    difficulty,
)
