"""One-mark tables (一分一段表) and bands (分数段), from the histogram (SCORING §2.5)."""

from __future__ import annotations

import numpy as np
import polars as pl

from shared.scoring.summaries.group_counts import Integers
from shared.scoring.summaries.mark_histogram import MarkHistogram
from shared.scoring.summaries.mark_view import MarkView


def cumulative_table(histogram: MarkHistogram, *, every_mark: bool) -> pl.DataFrame:
    """From the highest mark down: count at the mark, count at or above it, and its share of those present.

    Args:
        histogram: groups of one subject; a group without anyone present has no rows.
        every_mark: whether marks nobody has are listed too (count 0), for every mark on the grid.

    Returns:
        Group keys, ``mark, count, cumulative_count, cumulative_share``, by group, highest mark first.
    """
    view = MarkView(histogram)
    group, units, count = _full_grid(view) if every_mark else (view.cell_group, view.cell_unit, view.cell_count)
    ends = np.cumsum(view.sat_count)[group]
    before = np.cumsum(count) - count
    at_or_above = ends - before
    order = np.lexsort((-units, group))
    return view.keys[group[order]].with_columns(
        pl.Series("mark", view.subject.marks(units[order])),
        pl.Series("count", count[order]),
        pl.Series("cumulative_count", at_or_above[order]),
        pl.Series("cumulative_share", (at_or_above / view.sat_count[group])[order]),
    )


def band_table(histogram: MarkHistogram) -> pl.DataFrame:
    """Counts in bands ``[k·width, (k+1)·width)``; the last band takes the full mark in.

    Args:
        histogram: groups of one subject; a group without anyone present has no rows.

    Returns:
        Group keys, ``band_low, band_high, count, share``, highest band first, empty bands included.
    """
    view = MarkView(histogram)
    subject = view.subject
    band_count = -(-subject.full_units // subject.band_units)
    band = np.minimum(view.cell_unit // subject.band_units, band_count - 1)
    counts = np.zeros((view.group_count, band_count), np.int64)
    np.add.at(counts, (view.cell_group, band), view.cell_count)
    groups = np.flatnonzero(view.sat_count)
    group = np.repeat(groups, band_count)
    low = np.tile(np.arange(band_count)[::-1], len(groups))
    count = counts[group, low]
    return view.keys[group].with_columns(
        pl.Series("band_low", subject.marks(low * subject.band_units)),
        pl.Series("band_high", subject.marks(np.minimum((low + 1) * subject.band_units, subject.full_units))),
        pl.Series("count", count),
        pl.Series("share", count / view.sat_count[group]),
    )


def _full_grid(view: MarkView) -> tuple[Integers, Integers, Integers]:
    groups = np.flatnonzero(view.sat_count)
    width = view.subject.full_units + 1
    counts = np.zeros((view.group_count, width), np.int64)
    counts[view.cell_group, view.cell_unit] = view.cell_count
    return np.repeat(groups, width), np.tile(np.arange(width), len(groups)), counts[groups].ravel()
