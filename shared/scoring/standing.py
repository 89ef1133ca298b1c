"""Standing of a candidate in a group, looked up from the group's histogram (SCORING §3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

from shared.scoring.frame import MarkSheet
from shared.scoring.levels import keys_at, locate
from shared.scoring.plan import AnalysisPlan
from shared.scoring.statistics.base import Column, ratio
from shared.scoring.subjects import MarkStatus
from shared.scoring.summaries.group_counts import Integers
from shared.scoring.summaries.mark_histogram import LeveledHistograms, MarkHistogram, MarkView
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


@dataclass(frozen=True, slots=True, eq=False)
class StandingTable:
    """What every occurring mark is worth in every group.

    Args:
        keys: distinct sorted group keys.
        figures: per occupied mark, in order of group and mark: the columns of :data:`FIGURES`.
        lookup: combined group and mark of every entry, ascending.
        width: how many numbers a group takes in ``lookup``.
    """

    keys: pl.DataFrame
    figures: pl.DataFrame
    lookup: Integers
    width: int

    def positions(self, group: Integers, units: Integers) -> Integers:
        """Row of ``figures`` for candidates; −1 for codes below 0 (not present).

        Raises:
            DomainError: ``scoring.unknown_mark`` if a present candidate was never counted in the histogram.
        """
        wanted = group * self.width + units
        found = np.searchsorted(self.lookup, wanted)
        present = units >= 0
        known = (group >= 0) & (np.append(self.lookup, -1)[found] == wanted)
        if (present & ~known).any():
            raise DomainError("scoring.unknown_mark")
        return np.where(present, found, -1)


def standing_table(histogram: MarkHistogram) -> StandingTable:
    """Builds the look-up table of all groups of a histogram.

    ``rank`` is 1 + the number above ("1224"); ``percentile_rank = 100 (below + ties / 2) / n``;
    ``z_score = (mark − mean) / sd`` with the population sd (0 where the sd is 0); ``t_score = 50 + 10 z``;
    ``normalized_t_score = 50 + 10 Φ⁻¹(percentile_rank / 100)``.
    """
    view = MarkView(histogram)
    group, units, ties = view.cell_group, view.cell_unit, view.cell_count
    n = view.sat_count[group]
    below = view.running[:-1] - view.before_group[group]
    percentile_rank = 50 * (2 * below + ties) / n
    z = _z_scores(view)
    figures = {
        "rank": n - below - ties + 1,
        "n": n,
        "percentile_rank": percentile_rank,
        "z_score": z,
        "t_score": 50 + 10 * z,
        "normalized_t_score": 50 + 10 * ndtri(percentile_rank / 100),
    }
    width = histogram.subject.full_units + 1
    return StandingTable(view.keys, pl.DataFrame(figures, schema=dict(FIGURES)), group * width + units, width)


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
    tables = {}
    for subject in (*plan.outcomes, plan.total):
        for level in plan.levels:
            tables[subject.code, level] = standing_table(histograms[subject.code, level])
    return tables


def look_up(sheet: MarkSheet, tables: Mapping[tuple[str, OrgLevel], StandingTable], plan: AnalysisPlan) -> pl.DataFrame:
    """Standings of one sheet's candidates from tables built before; see :func:`standings`."""
    groups: dict[OrgLevel, tuple[pl.DataFrame, Integers]] = {}
    parts = []
    for subject in (*plan.outcomes, plan.total):
        codes = sheet.frame[subject.code]
        units = codes.to_numpy().astype(np.int64)
        columns: list[pl.Series] = []
        for level in plan.levels:
            table = tables[subject.code, level]
            if level not in groups or not groups[level][0].equals(table.keys):
                groups[level] = (table.keys, locate(keys_at(sheet.keys, level), table.keys))
            columns += _figures_at(table, groups[level][1], units, prefix=level.value)
        marks = pl.Series("mark", subject.marks(units)).set(codes < 0, None)
        parts.append(
            sheet.frame.select(
                "candidate_id",
                *sheet.keys.columns,
                pl.lit(subject.code).alias("subject"),
                marks,
                _status_words(codes),
            ).with_columns(columns)
        )
    return pl.concat(parts)


def _figures_at(table: StandingTable, group: Integers, units: Integers, *, prefix: str) -> Sequence[pl.Series]:
    position = pl.Series(table.positions(group, units))
    rows = table.figures.select(pl.all().gather(position.set(position < 0, None)))
    return [column.rename(f"{prefix}_{column.name}") for column in rows]


def _status_words(codes: pl.Series) -> pl.Series:
    words = {int(status): status.label for status in MarkStatus}
    return codes.clip(upper_bound=0).replace_strict(words, return_dtype=pl.String).alias("status")


def _z_scores(view: MarkView) -> NDArray[np.float64]:
    n = np.maximum(view.sat_count, 1)
    sd: Column = np.sqrt(view.centered_squares / n)
    mean_offset = (view.unit_sum - n * view.center) / n
    deviation = view.cell_unit - view.center[view.cell_group] - mean_offset[view.cell_group]
    spread = sd[view.cell_group]
    return np.where(spread == 0, 0.0, ratio(deviation, spread))
