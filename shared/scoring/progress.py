"""Progress between two exams, for candidates in both (SCORING §6.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import t as student

from shared.scoring.disclosure import mark_suppressed
from shared.scoring.frame import MarkSheet
from shared.scoring.levels import KEY_COLUMNS, LEVELS, index_groups, keys_at
from shared.scoring.statistics.base import ratio
from shared.scoring.subjects import Subject
from shared.scoring.summaries.group_counts import Integers, tally
from shared.scoring.summaries.joint_histogram import JointHistogram, gather_joint_histogram, merge_joint_histograms
from shared.scoring.value_added.transitions import doubled_percentile_ranks
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel

BEFORE, AFTER = "before", "after"
DELTA_T = "delta_t"
DELTA_PERCENTILE_RANK = "delta_percentile_rank"
MarkPairs = Mapping[str, pl.DataFrame]
ProgressSummary = Mapping[str, JointHistogram]


def mark_pairs(
    before: MarkSheet, after: MarkSheet, *, subjects: Sequence[str], links: pl.DataFrame | None = None
) -> dict[str, pl.DataFrame]:
    """Matches the candidates of two exams, per subject those present in both.

    Args:
        before: the whole earlier exam, or any part of it that holds the candidates of ``after``.
        after: any partition of the later exam; groups are those of the later exam.
        subjects: columns of both sheets, ``total`` among them if wanted.
        links: ``before`` and ``after``: the candidate numbers of one pupil in the two exams, each at most once; by
            default the numbers are the same in both.

    Returns:
        Per subject ``candidate_id`` (of the later exam), keys, ``before`` and ``after`` in grid units.

    Raises:
        DomainError: ``scoring.links_ambiguous`` if a number is linked twice.
    """
    earlier = before.frame.select("candidate_id", *(pl.col(code).alias(f"{BEFORE}__{code}") for code in subjects))
    if links is not None:
        if links[BEFORE].is_duplicated().any() or links[AFTER].is_duplicated().any():
            raise DomainError("scoring.links_ambiguous")
        renamed = links.select(pl.col(BEFORE).alias("candidate_id"), AFTER)
        earlier = earlier.join(renamed, on="candidate_id").with_columns(pl.col(AFTER).alias("candidate_id")).drop(AFTER)
    both = after.frame.join(earlier, on="candidate_id", maintain_order="left")
    return {
        code: both.filter((pl.col(code) >= 0) & (pl.col(f"{BEFORE}__{code}") >= 0)).select(
            "candidate_id", *KEY_COLUMNS, pl.col(f"{BEFORE}__{code}").alias(BEFORE), pl.col(code).alias(AFTER)
        )
        for code in subjects
    }


def gather_progress(pairs: MarkPairs, grids: Mapping[str, tuple[Subject, Subject]]) -> dict[str, JointHistogram]:
    """Counts pairs of marks by class.

    Args:
        pairs: as from :func:`mark_pairs`.
        grids: per subject its grid before and after; they may differ.
    """
    found = {}
    for code, frame in pairs.items():
        keys, index = index_groups(frame.select(KEY_COLUMNS))
        earlier, later = grids[code]
        found[code] = gather_joint_histogram(
            keys, index, intake=(earlier, frame[BEFORE]), outcome=(later, frame[AFTER])
        )
    return found


def merge_progress(parts: Sequence[ProgressSummary]) -> dict[str, JointHistogram]:
    """Adds summaries of partitions of the later exam; their order does not matter."""
    return {code: merge_joint_histograms([part[code] for part in parts]) for code in parts[0]}


def candidate_progress(
    pairs: MarkPairs, summary: ProgressSummary, *, reliability: Mapping[str, tuple[float, float]] | None = None
) -> pl.DataFrame:
    """Change of every candidate.

    ``delta_t = T after − T before`` and ``delta_percentile_rank``, both over all candidates in both exams, so that who
    was missing elsewhere moves nobody. The standard error from measurement alone is
    ``10 √((1 − α_before) + (1 − α_after))``. Equal marks of all: T is 50 (§3.3).

    Args:
        pairs: any partition.
        summary: merged over all partitions.
        reliability: per subject α of the two papers; null standard error where not given.

    Returns:
        ``candidate_id``, keys, ``subject, t_before, t_after, delta_t, delta_t_se, percentile_rank_before,
        percentile_rank_after, delta_percentile_rank``.

    Raises:
        DomainError: ``scoring.unknown_mark`` for a pair that was never counted.
    """
    known = reliability or {}
    parts = []
    for code, frame in pairs.items():
        scales = {BEFORE: _scale(summary[code], BEFORE), AFTER: _scale(summary[code], AFTER)}
        looked_up = {name: scale.at(frame[name].to_numpy().astype(np.int64)) for name, scale in scales.items()}
        t = {name: values[0] for name, values in looked_up.items()}
        rank = {name: values[1] for name, values in looked_up.items()}
        se = 10 * np.sqrt(2 - sum(known[code])) if code in known else None
        parts.append(
            frame.select("candidate_id", *KEY_COLUMNS, pl.lit(code).alias("subject")).with_columns(
                pl.Series("t_before", t[BEFORE]),
                pl.Series("t_after", t[AFTER]),
                pl.Series("delta_t", t[AFTER] - t[BEFORE]),
                pl.lit(se, pl.Float64).alias("delta_t_se"),
                pl.Series("percentile_rank_before", rank[BEFORE]),
                pl.Series("percentile_rank_after", rank[AFTER]),
                pl.Series("delta_percentile_rank", rank[AFTER] - rank[BEFORE]),
            )
        )
    return pl.concat(parts)


def group_progress(summary: ProgressSummary, *, levels: Sequence[OrgLevel] = LEVELS, min_n: int = 10) -> pl.DataFrame:
    """Mean change per group: ``delta_t`` and ``delta_percentile_rank``, from the merged pairs of marks only.

    ``se = sd / √n`` with the sd (n − 1) of the group's own changes; 95 % interval by Student's t with n − 1 degrees of
    freedom. One candidate: no se. The city's mean is 0 by construction; groups stand relative to it.

    Returns:
        ``level``, keys, ``subject, measure, n, mean, sd, se, ci_low, ci_high, suppressed, suppression``, sorted by key.
    """
    parts = []
    for code, joint in summary.items():
        changes, count = _changes(joint), joint.counts.count.astype(np.int64)
        for level in levels:
            keys, index = index_groups(keys_at(joint.counts.keys, level))
            group = index[joint.counts.group]
            for measure, change in changes.items():
                named = keys.select(
                    pl.lit(level.value).alias("level"),
                    pl.all(),
                    pl.lit(code).alias("subject"),
                    pl.lit(measure).alias("measure"),
                )
                parts.append(named.with_columns(_means(group, count, change, groups=keys.height)))
    table = pl.concat(parts).with_columns(pl.col("n").alias("n_registered"), pl.col("n").alias("n_sat"))
    flagged = mark_suppressed(table, min_n=min_n, by=["subject", "measure"]).drop("n_registered", "n_sat")
    return flagged.sort("level", *KEY_COLUMNS, "subject", "measure")


@dataclass(frozen=True, slots=True, eq=False)
class _Scale:
    units: Integers
    t: NDArray[np.float64]
    percentile_rank: NDArray[np.float64]

    def at(self, units: Integers) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        found = np.searchsorted(self.units, units)
        if not np.array_equal(np.append(self.units, -1)[found], units):
            raise DomainError("scoring.unknown_mark")
        return self.t[found], self.percentile_rank[found]


def _scale(joint: JointHistogram, side: str) -> _Scale:
    """T and percentile rank of every mark that occurs on one side, over all pairs."""
    cells = joint.intake_units if side == BEFORE else joint.outcome_units
    units, count = (values.astype(np.int64) for values in tally(cells, joint.counts.count))
    n = max(int(count.sum()), 1)
    center = int((units * count).sum()) // n
    deviation = units - center
    # Squares are summed around a whole number next to the mean: exact, whatever the order.
    shift = int((deviation * count).sum())
    square = int((deviation**2 * count).sum()) * n - shift**2
    z = ratio(deviation * n - shift, np.full(len(units), np.sqrt(float(square)))) if square else np.zeros(len(units))
    return _Scale(units, 50 + 10 * z, 50 * doubled_percentile_ranks(units, count) / n)


def _changes(joint: JointHistogram) -> dict[str, NDArray[np.float64]]:
    before, after = _scale(joint, BEFORE).at(joint.intake_units), _scale(joint, AFTER).at(joint.outcome_units)
    return {DELTA_T: after[0] - before[0], DELTA_PERCENTILE_RANK: after[1] - before[1]}


def _means(group: Integers, count: Integers, change: NDArray[np.float64], *, groups: int) -> list[pl.Series]:
    n = np.bincount(group, weights=count, minlength=groups).astype(np.int64)
    mean = ratio(np.bincount(group, weights=count * change, minlength=groups), n)
    squares = np.bincount(group, weights=count * (change - mean[group]) ** 2, minlength=groups)
    sd = np.sqrt(ratio(squares, np.where(n > 1, n - 1, 0)))
    se = ratio(sd, np.sqrt(n))
    margin = se * student.ppf(0.975, np.maximum(n - 1, 1))
    figures = {"mean": mean, "sd": sd, "se": se, "ci_low": mean - margin, "ci_high": mean + margin}
    return [pl.Series("n", n), *(pl.Series(name, values).fill_nan(None) for name, values in figures.items())]
