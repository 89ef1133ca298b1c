"""Effective mark (有效分) of each subject for a line on the total (SCORING §5.3).

Observation only: an effective mark helps a school to see where its teaching falls short of its own totals. It is never
a passing mark for pupils or a yardstick for teachers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil

import numpy as np
import polars as pl

from shared.scoring.cut_lines.lines import DrawnLine, highest_reached
from shared.scoring.cut_lines.summary import TrackSummary
from shared.scoring.statistics.base import Z_95, floats
from shared.scoring.statistics.rates import wilson_interval
from shared.scoring.subjects import Subject
from shared.scoring.summaries.group_counts import Integers, tally
from shared.scoring.summaries.joint_histogram import JointHistogram

_SCHEMA: Mapping[str, pl.DataType] = {
    **dict.fromkeys(("track", "line", "subject", "method"), pl.String()),
    **dict.fromkeys(("n", "n_online"), pl.Int64()),
    **floats("effective_mark", "ci_low", "ci_high"),
}


class EffectiveMethod(StrEnum):
    """How a subject's effective mark follows from the line."""

    SAME_COUNT = "same_count"
    MEAN_SHARE = "mean_share"


@dataclass(frozen=True, slots=True)
class EffectiveMark:
    """A subject's effective mark for a line.

    Args:
        subject: grid of the subject.
        line: the line on the total.
        method: how it was found.
        n: candidates of the whole track with subject and total.
        n_online: those of them at or above the line.
        mark: the effective mark, exactly; ``None`` where nobody is online.
        units: smallest number of grid units that reaches it.
        low: lower end of its 95 % interval, as a mark.
        high: upper end.
    """

    subject: Subject
    line: DrawnLine
    method: EffectiveMethod
    n: int
    n_online: int
    mark: Fraction | None = None
    units: int | None = None
    low: float | None = None
    high: float | None = None


def effective_marks(
    summary: TrackSummary, lines: Sequence[DrawnLine], *, method: EffectiveMethod = EffectiveMethod.SAME_COUNT
) -> tuple[EffectiveMark, ...]:
    """Effective marks of all subjects for all lines, over the whole track; observation only.

    Candidates of a subject are those with a mark in it and in the total; N of them reach the line on the total.
    ``same_count``: the highest mark that at least N of them reach; interval: the marks so reached at Wilson's 95 %
    limits of N/n. ``mean_share``: line × (mean of the subject / mean of the total) over the online; exact fraction;
    interval ± 1.96 se with ``se = line / mean total · sd(s − R t) / √N`` (ratio estimator, Cochran 1977 §6.4), null
    for N < 2. A subject's total of candidates leaves out who has no total, for nobody can tell which side they are on.

    Args:
        summary: merged over the whole track.
        lines: lines in force.
        method: how the mark is found.

    Returns:
        One per line and subject; without anyone online there is no effective mark.
    """
    find = _same_count if method is EffectiveMethod.SAME_COUNT else _mean_share
    return tuple(find(joint, line) for line in lines for joint in summary.joints.values())


def effective_table(marks: Sequence[EffectiveMark]) -> pl.DataFrame:
    """The same as a tidy frame: ``track, line, subject, method, n, n_online, effective_mark, ci_low, ci_high``."""
    rows = [
        (
            found.line.line.track,
            found.line.line.code,
            found.subject.code,
            found.method.value,
            found.n,
            found.n_online,
            None if found.mark is None else float(found.mark),
            found.low,
            found.high,
        )
        for found in marks
    ]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _same_count(joint: JointHistogram, line: DrawnLine) -> EffectiveMark:
    method = EffectiveMethod.SAME_COUNT
    n, online = joint.counts.row_count, _online_count(joint, line)
    if not online:
        return EffectiveMark(joint.intake, line, method, n, online)
    units, count = (values.astype(np.int64) for values in tally(joint.intake_units, joint.counts.count))
    found = highest_reached(units, count, online)
    ends = np.concatenate(wilson_interval(np.array([online]), np.array([n])))
    # Fewer candidates in means a higher mark, so the ends change places; at least one candidate and at most all.
    most, fewest = min(ceil(ends[1] * n), n), max(ceil(ends[0] * n), 1)
    low, high = (highest_reached(units, count, reach) for reach in (most, fewest))
    unit = joint.intake.unit
    return EffectiveMark(
        joint.intake, line, method, n, online, found * unit, found, float(low * unit), float(high * unit)
    )


def _mean_share(joint: JointHistogram, line: DrawnLine) -> EffectiveMark:
    method = EffectiveMethod.MEAN_SHARE
    n, online = joint.counts.row_count, _online_count(joint, line)
    reach = joint.outcome_units >= line.units
    subject, total = joint.intake_units[reach], joint.outcome_units[reach]
    count = joint.counts.count[reach].astype(np.int64)
    subject_sum, total_sum = int((subject * count).sum()), int((total * count).sum())
    if not total_sum:
        return EffectiveMark(joint.intake, line, method, n, online)
    # Both sums are in units of their grids; the line is a mark of the total's.
    mark = line.mark * Fraction(subject_sum, total_sum) * joint.intake.unit / joint.outcome.unit
    margin = _margin(subject, total, count, scale=float(line.mark * joint.intake.unit / joint.outcome.unit))
    low, high = (None, None) if margin is None else (float(mark) - margin, float(mark) + margin)
    return EffectiveMark(joint.intake, line, method, n, online, mark, ceil(mark / joint.intake.unit), low, high)


def _margin(subject: Integers, total: Integers, count: Integers, *, scale: float) -> float | None:
    n = int(count.sum())
    if n < 2:
        return None
    share = (subject * count).sum() / (total * count).sum()
    residuals = (count * (subject - share * total) ** 2).sum() / (n - 1)
    return float(Z_95 * scale * np.sqrt(residuals * n) / (total * count).sum())


def _online_count(joint: JointHistogram, line: DrawnLine) -> int:
    return int(joint.counts.count[joint.outcome_units >= line.units].sum())
