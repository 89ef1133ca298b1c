"""Double and single online (双上线, 单上线), hit rate and contribution rate (SCORING §5.4).

Observation only: these shares show a school where subject and total part ways. They are never a figure by which a
teacher or a school is scored, rewarded, ranked or given a quota.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from shared.scoring.cut_lines.effective import EffectiveMark
from shared.scoring.cut_lines.rates import share_columns
from shared.scoring.cut_lines.summary import TrackSummary
from shared.scoring.disclosure import mark_suppressed
from shared.scoring.levels import KEY_COLUMNS, LEVELS
from shared.scoring.summaries.group_counts import Integers
from shared.scoring.summaries.joint_histogram import JointHistogram
from shared.scoring.summaries.mark_histogram import LevelSteps
from shared.terms.organization import OrgLevel


def quadrant_table(
    summary: TrackSummary, marks: Sequence[EffectiveMark], *, levels: Sequence[OrgLevel] = LEVELS, min_n: int = 10
) -> pl.DataFrame:
    """Four quadrants of subject and total per group, subject and line; observation only.

    Over candidates with a mark in the subject and in the total: ``double_online`` (both reached), ``total_only``,
    ``subject_only`` (single online), ``neither``; ``subject_online = double + subject_only``, ``total_online = double +
    total_only``. ``hit_rate`` (命中率) = double / subject_online; ``contribution_rate`` (贡献率) = double /
    total_online; with ``√(p(1−p)/n)`` and Wilson's 95 % interval, null on an empty base. The total's online candidates
    who did not take an elective are not in its base.

    Args:
        summary: the track's merged summary.
        marks: effective marks of this track; one without a mark has no rows.
        levels: levels reported.
        min_n: smallest group shown outside its school.

    Returns:
        ``level``, keys, ``track, line, subject, method, effective_mark, n``, the counts, the rates, ``suppressed,
        suppression``; sorted by line, subject and key.
    """
    steps = _steps(summary, levels)
    parts = [
        _quadrants(keys, counts, found, level=level)
        for found in marks
        if found.units is not None
        for level, keys, counts in _counts(summary.joints[found.subject.code], found, found.units, steps)
    ]
    if not parts:
        return pl.DataFrame()
    table = pl.concat(parts).with_columns(pl.col("n").alias("n_registered"), pl.col("n").alias("n_sat"))
    by = ["line", "subject", "method"]
    flagged = mark_suppressed(table, min_n=min_n, by=by).drop("n_registered", "n_sat")
    return flagged.sort(*by, "level", *KEY_COLUMNS)


def _steps(summary: TrackSummary, levels: Sequence[OrgLevel]) -> dict[str, LevelSteps]:
    """How the classes of every subject roll up; found once for subjects with the same classes."""
    found: list[LevelSteps] = []
    steps = {}
    for code, joint in summary.joints.items():
        keys = joint.counts.keys
        known = next((each for each in found if each.keys.equals(keys)), None) or LevelSteps(keys, levels)
        found.append(known)
        steps[code] = known
    return steps


def _counts(
    joint: JointHistogram, found: EffectiveMark, units: int, steps: Mapping[str, LevelSteps]
) -> Iterator[tuple[OrgLevel, pl.DataFrame, Integers]]:
    """Per level its groups and their candidates by quadrant: neither, total only, subject only, double; shape (groups, 4).

    Cells are looked at once, by class: larger groups are sums of classes.
    """
    counts = joint.counts
    quadrant = 2 * (joint.intake_units >= units) + (joint.outcome_units >= found.line.units)
    size = counts.keys.height
    by_class = np.bincount(counts.group.astype(np.int64) * 4 + quadrant, weights=counts.count, minlength=4 * size)
    places = steps[found.subject.code].places(np.arange(size))
    for level, (keys, index) in places.items():
        rolled = np.zeros((keys.height, 4), np.int64)
        np.add.at(rolled, index, by_class.reshape(size, 4).astype(np.int64))
        yield level, keys, rolled


def _quadrants(keys: pl.DataFrame, counted: Integers, found: EffectiveMark, *, level: OrgLevel) -> pl.DataFrame:
    neither, total_only, subject_only, double = counted.T
    counts = {
        "n": double + subject_only + total_only + neither,
        "double_online": double,
        "total_only": total_only,
        "subject_only": subject_only,
        "neither": neither,
        "subject_online": double + subject_only,
        "total_online": double + total_only,
    }
    return keys.select(
        pl.lit(level.value).alias("level"),
        pl.all(),
        pl.lit(found.line.line.track).alias("track"),
        pl.lit(found.line.line.code).alias("line"),
        pl.lit(found.subject.code).alias("subject"),
        pl.lit(found.method.value).alias("method"),
        pl.lit(None if found.mark is None else float(found.mark)).alias("effective_mark"),
    ).with_columns(
        [pl.Series(name, values) for name, values in counts.items()]
        + share_columns("hit_rate", double, counts["subject_online"])
        + share_columns("contribution_rate", double, counts["total_online"])
    )
