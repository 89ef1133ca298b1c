"""Standing of a candidate in a group, looked up from the group's histogram (SCORING §3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

from shared.scoring.frame import MarkSheet
from shared.scoring.levels import keys_at, locate
from shared.scoring.parallel import each
from shared.scoring.plan import AnalysisPlan
from shared.scoring.statistics.base import Column
from shared.scoring.subjects import STATUS_LABELS, Subject
from shared.scoring.summaries.group_counts import Integers, Whole
from shared.scoring.summaries.mark_histogram import LeveledHistograms, MarkHistogram
from shared.scoring.summaries.mark_view import MarkView
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel

FIGURES: Mapping[str, pl.DataType] = {
    "rank": pl.Int32(),
    "n": pl.Int32(),
    "percentile_rank": pl.Float64(),
    "z_score": pl.Float64(),
    "t_score": pl.Float64(),
    "normalized_t_score": pl.Float64(),
}

Groups = dict[OrgLevel, tuple[pl.DataFrame, Integers]]
"""Per level the keys of its groups, and the group of every candidate of a sheet."""
_DENSE_FACTOR = 32
_DENSE_FLOOR = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class StandingTable:
    """What every occurring mark is worth in every group.

    Args:
        keys: distinct sorted group keys.
        entries: one row of nulls, then per occupied mark, in order of group and mark, the columns of :data:`FIGURES`.
        lookup: combined group and mark of every entry but the first, ascending.
        width: how many numbers a group takes in ``lookup``.
    """

    keys: pl.DataFrame
    entries: pl.DataFrame
    lookup: Whole
    width: int

    @property
    def figures(self) -> pl.DataFrame:
        """The entries of occupied marks, aligned with ``lookup``."""
        return self.entries[1:]

    def positions(self, group: Integers, units: Whole) -> Integers:
        """Row of ``figures`` for candidates; −1 for codes below 0 (not present); see :meth:`entry_rows`."""
        return self.entry_rows(group, units).astype(np.int64) - 1

    def entry_rows(self, group: Integers, units: Whole) -> NDArray[np.uint32]:
        """Row of ``entries`` for candidates; 0, the row of nulls, for codes below 0 (not present).

        Args:
            group: position of every candidate's group in ``keys``; −1 for a group that is not there.
            units: every candidate's code.

        Raises:
            DomainError: ``scoring.unknown_mark`` if a present candidate was never counted in the histogram.
        """
        present = units >= 0
        span = self.keys.height * self.width
        inside = present & (group >= 0) & (units < self.width)
        wanted = np.where(inside, group * self.width + units, span)
        if span <= _DENSE_FACTOR * len(units) + _DENSE_FLOOR:
            place = np.zeros(span + 1, np.uint32)
            place[self.lookup] = np.arange(1, len(self.lookup) + 1, dtype=np.uint32)
            found = place[wanted]
        else:
            nearest = np.searchsorted(self.lookup, wanted)
            known = np.append(self.lookup, span + 1)[nearest] == wanted
            found = np.where(known, nearest + 1, 0).astype(np.uint32)
        if (present & (found == 0)).any():
            raise DomainError("scoring.unknown_mark")
        return found


def standing_table(histogram: MarkHistogram) -> StandingTable:
    """Builds the look-up table of all groups of a histogram.

    ``rank`` is 1 + the number above ("1224"); ``percentile_rank = 100 (below + ties / 2) / n``;
    ``z_score = (mark − mean) / sd`` with the population sd (0 where the sd is 0); ``t_score = 50 + 10 z``;
    ``normalized_t_score = 50 + 10 Φ⁻¹(percentile_rank / 100)``.
    """
    view = MarkView(histogram)
    group, ties = view.cell_group, view.cell_count
    n = view.sat_count[group]
    below = view.running[:-1] - view.before_group[group]
    middle = 2 * below + ties
    z = _z_scores(view)
    figures = {
        "rank": n - below - ties + 1,
        "n": n,
        "percentile_rank": 50 * middle / n,
        "z_score": z,
        "t_score": 50 + 10 * z,
        "normalized_t_score": _normalized(middle, view),
    }
    entries = pl.DataFrame([_entry_column(name, dtype, figures[name]) for name, dtype in FIGURES.items()])
    return StandingTable(view.keys, entries, view.place, histogram.subject.full_units + 1)


def standings(sheet: MarkSheet, histograms: LeveledHistograms, plan: AnalysisPlan) -> pl.DataFrame:
    """Standings of every candidate of a sheet in class, school, county and city, one row per candidate and subject.

    Args:
        sheet: any checked sheet whose candidates were counted in the histograms.
        histograms: merged histograms at the levels of the plan.
        plan: the analysis; outcome subjects and their total are looked up.

    Returns:
        Keys, ``subject``, ``mark``, ``status`` and per level ``<level>_rank`` and the other figures; null for
        candidates who were not present.
    """
    tables = standing_tables(histograms, plan)
    return look_up(sheet, tables, plan)


def standing_tables(histograms: LeveledHistograms, plan: AnalysisPlan) -> dict[tuple[str, OrgLevel], StandingTable]:
    """Look-up tables per subject and level, built once and used for any number of sheets."""
    wanted = [(subject.code, level) for subject in (*plan.outcomes, plan.total) for level in plan.levels]
    built = each(lambda name: standing_table(histograms[name]), wanted)
    return dict(zip(wanted, built, strict=True))


def look_up(sheet: MarkSheet, tables: Mapping[tuple[str, OrgLevel], StandingTable], plan: AnalysisPlan) -> pl.DataFrame:
    """Standings of one sheet's candidates from tables built before; see :func:`standings`."""
    groups: Groups = {}
    subjects = (*plan.outcomes, plan.total)
    return pl.concat([subject_standings(sheet, tables, subject, groups=groups, plan=plan) for subject in subjects])


def subject_standings(
    sheet: MarkSheet,
    tables: Mapping[tuple[str, OrgLevel], StandingTable],
    subject: Subject,
    *,
    groups: Groups,
    plan: AnalysisPlan,
) -> pl.DataFrame:
    """Standings in one subject.

    Args:
        sheet: any checked sheet; of the marks only the subject's own column is used.
        tables: look-up tables of this subject, at least.
        subject: an outcome subject or the total.
        groups: where candidates' groups are remembered from subject to subject; empty at first.
        plan: the levels.
    """
    codes = sheet.frame[subject.code]
    units = codes.to_numpy()
    for level in plan.levels:
        table = tables[subject.code, level]
        if level not in groups or not groups[level][0].equals(table.keys):
            groups[level] = (table.keys, locate(keys_at(sheet.keys, level), table.keys))

    def looked_up(level: OrgLevel) -> pl.DataFrame:
        table = tables[subject.code, level]
        position = pl.Series(table.entry_rows(groups[level][1], units))
        return table.entries.select(pl.all().gather(position).name.prefix(f"{level.value}_"))

    columns = [column for figures in each(looked_up, plan.levels) for column in figures]
    marks = pl.Series("mark", subject.marks(units.astype(np.int64))).set(codes < 0, None)
    return sheet.frame.select(
        "candidate_id",
        *sheet.keys.columns,
        pl.lit(subject.code).alias("subject"),
        marks,
        _status_words(codes),
    ).with_columns(columns)


def _entry_column(name: str, dtype: pl.DataType, values: Column) -> pl.Series:
    padded = np.zeros(len(values) + 1, np.int32 if dtype == pl.Int32() else np.float64)
    padded[1:] = values
    return pl.Series(name, padded).scatter(0, None)


def _status_words(codes: pl.Series) -> pl.Series:
    words = pl.Series("status", STATUS_LABELS)
    return words.gather(-codes.clip(upper_bound=0))


def _normalized(middle: Integers, view: MarkView) -> NDArray[np.float64]:
    """``50 + 10 Φ⁻¹(PR / 100)`` with PR = 50 · middle / n, where middle = 2 · below + ties."""
    size = view.sat_count
    sizes = np.unique(size)
    width = 2 * int(sizes.max(initial=0)) + 1
    if len(sizes) * width > len(middle):
        scores: NDArray[np.float64] = 50 + 10 * ndtri(50 * middle / size[view.cell_group] / 100)
        return scores
    # Thousands of small classes share a few sizes: every possible rank is worked out once.
    with np.errstate(all="ignore"):
        every = 50 + 10 * ndtri(50 * np.arange(width) / sizes[:, None] / 100)
    row = np.searchsorted(sizes, size) * width
    scores = every.ravel()[row[view.cell_group] + middle]
    return scores


def _z_scores(view: MarkView) -> NDArray[np.float64]:
    n = np.maximum(view.sat_count, 1)
    sd: Column = np.sqrt(view.centered_squares / n)
    mean_offset = (view.unit_sum - n * view.center) / n
    z: NDArray[np.float64] = (view.cell_unit - view.center[view.cell_group]).astype(np.float64)
    z -= mean_offset[view.cell_group]
    # Where the sd is 0 every deviation is exactly 0 and stays so.
    z /= np.where(sd == 0, 1.0, sd)[view.cell_group]
    return z
