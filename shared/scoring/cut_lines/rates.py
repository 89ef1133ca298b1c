"""Online rates (上线率) on both bases (SCORING §5.1).

Observation only: an online rate is never an indicator, a reward, a quota or a target, and a school sees no other
school's.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from shared.scoring.cut_lines.lines import DrawnLine
from shared.scoring.cut_lines.summary import TrackSummary
from shared.scoring.disclosure import mark_suppressed
from shared.scoring.levels import KEY_COLUMNS, LEVELS
from shared.scoring.statistics.base import ratio
from shared.scoring.statistics.rates import wilson_interval
from shared.scoring.summaries.group_counts import Integers
from shared.scoring.summaries.mark_view import MarkView
from shared.terms.organization import OrgLevel


def online_rates(
    summary: TrackSummary, lines: Sequence[DrawnLine], *, levels: Sequence[OrgLevel] = LEVELS, min_n: int = 10
) -> pl.DataFrame:
    """Candidates at or above each line, per group; observation only, never scored, rewarded or made a quota.

    ``online_rate = n_online / n_sat`` (present in all subjects of the total) and ``online_rate_registered = n_online /
    n_registered`` (absent and void candidates stay in the base); ``participation_gap`` is the first minus the second.
    Each with ``√(p(1−p)/n)`` and Wilson's 95 % interval; null where the base is empty.

    Args:
        summary: the track's merged summary.
        lines: the track's lines in force.
        levels: levels reported.
        min_n: smallest group shown outside its school.

    Returns:
        ``level``, keys, ``track, line, line_mark, n_registered, n_sat, n_online``, the figures, ``suppressed,
        suppression``; sorted by line from the top, then by key. Without lines there are no rows.
    """
    parts = []
    for level, histogram in summary.total.at_levels(levels).items():
        view = MarkView(histogram)
        for place, line in enumerate(lines):
            online = view.count_reaching(line.units)
            parts.append(
                view.keys.select(
                    pl.lit(place).alias("__place"),
                    pl.lit(level.value).alias("level"),
                    pl.all(),
                    pl.lit(summary.track).alias("track"),
                    pl.lit(line.line.code).alias("line"),
                    pl.lit(float(line.mark)).alias("line_mark"),
                    pl.Series("n_registered", view.registered_count),
                    pl.Series("n_sat", view.sat_count),
                    pl.Series("n_online", online),
                ).with_columns(
                    share_columns("online_rate", online, view.sat_count)
                    + share_columns("online_rate_registered", online, view.registered_count)
                )
            )
    if not parts:
        return pl.DataFrame()
    gap = (pl.col("online_rate") - pl.col("online_rate_registered")).alias("participation_gap")
    flagged = mark_suppressed(pl.concat(parts).with_columns(gap), min_n=min_n, by=["line"])
    return flagged.sort("__place", "level", *KEY_COLUMNS).drop("__place")


def share_columns(name: str, count: Integers, base: Integers) -> list[pl.Series]:
    """A share with standard error and Wilson's 95 % interval; null where the base is empty."""
    share = ratio(count, base)
    low, high = wilson_interval(count, base)
    figures = {
        name: share,
        f"{name}_se": np.sqrt(ratio(share * (1 - share), base)),
        f"{name}_ci_low": low,
        f"{name}_ci_high": high,
    }
    return [pl.Series(column, values).fill_nan(None) for column, values in figures.items()]
