"""Borderline candidates (临界生) of a line, with their weakest subject (SCORING §5.5).

For the pupil's own teachers, to help: a list of named pupils is shown to nobody else, and is no ground for sorting,
seating or streaming pupils. Observation only, like all of this package.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

import polars as pl

from shared.scoring.balance import WEAK_AT, candidate_balance, subject_balance
from shared.scoring.conversion.tracks import TrackSheet
from shared.scoring.cut_lines.lines import DrawnLine
from shared.scoring.frame import MarkSheet
from shared.scoring.levels import KEY_COLUMNS
from shared.scoring.subjects import TOTAL
from shared.scoring.summaries.mark_histogram import MarkHistogram

BAND = Decimal(10)


def borderline_candidates(
    part: TrackSheet,
    lines: Sequence[DrawnLine],
    histograms: Mapping[str, MarkHistogram],
    *,
    below: Decimal = BAND,
    above: Decimal = BAND,
    weak_at: float = WEAK_AT,
    reliability: Mapping[str, float] | None = None,
) -> pl.DataFrame:
    """Candidates whose total lies from ``below`` marks under a line to ``above`` marks over it, both ends included.

    The weakest subject is the lowest of T minus the candidate's mean T (§6.1), T over the whole track. Bounds are
    compared exactly.

    Args:
        part: any partition of the track.
        lines: the track's lines in force.
        histograms: the track's merged histograms of its subjects (the total's is ignored).
        below: width under the line, in marks.
        above: width over the line, in marks.
        weak_at: threshold for ``weak_count``.
        reliability: α of subjects, for the standard error of the weakest deviation.

    Returns:
        ``candidate_id``, keys, ``track, line, line_mark, total, distance`` (total − line), ``weak_count,
        weakest_subject, weakest_deviation, weakest_deviation_se``; by line from the top, nearest school keys first.
    """
    subjects = {subject.code: histograms[subject.code] for subject in part.subjects}
    parts = []
    for line in lines:
        lowest = ceil((line.mark - Fraction(below)) / part.total.unit)
        highest = floor((line.mark + Fraction(above)) / part.total.unit)
        # Codes below 0 are statuses, not totals.
        near = part.sheet.frame.filter(pl.col(TOTAL).is_between(max(lowest, 0), highest))
        balance = candidate_balance(
            subject_balance(MarkSheet(near), subjects, weak_at=weak_at, reliability=reliability)
        ).select("candidate_id", "weak_count", "weakest_subject", "weakest_deviation", "weakest_deviation_se")
        total = pl.Series("total", part.total.marks(near[TOTAL].to_numpy().astype("int64")))
        named = near.select(
            "candidate_id",
            *KEY_COLUMNS,
            pl.lit(part.track).alias("track"),
            pl.lit(line.line.code).alias("line"),
            pl.lit(float(line.mark)).alias("line_mark"),
            total,
            (total - float(line.mark)).alias("distance"),
        )
        parts.append(named.join(balance, on="candidate_id", how="left").sort(*KEY_COLUMNS, "candidate_id"))
    return pl.concat(parts) if parts else pl.DataFrame()
