"""Attainment by item, knowledge point and competency, in every group, against the reference group (SCORING §7.6)."""

from __future__ import annotations

import numpy as np
import polars as pl

from shared.scoring.disclosure import mark_suppressed
from shared.scoring.items.base import Numbers
from shared.scoring.items.group_sums import GroupSums
from shared.scoring.items.plan import ItemPlan
from shared.scoring.items.summary import ItemSummary
from shared.scoring.levels import LEVELS, column_order, keys_at, locate
from shared.scoring.statistics.base import Z_95, ratio
from shared.scoring.summaries.group_counts import Integers


def attainment(summary: ItemSummary) -> pl.DataFrame:
    """Share of the marks to be had that was earned, per group and aspect.

    ``attainment`` = Σ marks / Σ full marks over the aspect's items and the group's candidates; se = sd / (√n · full mark)
    with sd (n − 1) of the candidates' sums over those items; interval ± 1.959964 se, cut off at 0 and 1. ``gap`` =
    attainment − attainment of the reference group that holds this one. The group is part of its reference, so with f =
    n/N and "rest" the reference without the group: gap = (1 − f)(group − rest), its se = (1 − f) √(se² + se²_rest).
    Candidates count as independent; that pupils of a class resemble each other is not in these errors.

    Nobody present: null. One candidate: no se. At and above the level of reference, or where the group is all of its
    reference: no gap.

    Returns:
        ``level``, keys, ``subject, aspect, aspect_code, position``, counts, suppression, the figures; small groups are
        marked, not emptied.
    """
    plan = summary.plan
    leveled = {level: summary.groups.roll_up(keys_at(summary.groups.keys, level)) for level in LEVELS}
    reference = leveled[plan.reference]
    parts = []
    for level in column_order(plan.levels):
        groups = leveled[level]
        below = LEVELS.index(level) > LEVELS.index(plan.reference)
        place = locate(keys_at(groups.keys, plan.reference), reference.keys) if below else None
        figures = _figures(groups, reference.sums[place] if place is not None else None, plan)
        keys = groups.keys.with_columns(
            pl.lit(level.value).alias("level"),
            pl.lit(plan.subject).alias("subject"),
            pl.Series("n_registered", groups.sums[:, 0]),
            pl.Series("n_sat", groups.sums[:, 1]),
        )
        parts.append((keys, figures))
    flagged = mark_suppressed(pl.concat([keys for keys, _ in parts]), min_n=plan.min_n, by=["subject"])
    aspects = _aspects(plan)
    repeated = flagged[np.repeat(np.arange(flagged.height), aspects.height)]
    tiled = aspects[np.tile(np.arange(aspects.height), flagged.height)]
    columns = {name: np.concatenate([figures[name].ravel() for _, figures in parts]) for name in parts[0][1]}
    return pl.concat([repeated, tiled, pl.DataFrame(columns, nan_to_null=True)], how="horizontal")


def _figures(groups: GroupSums, reference: Integers | None, plan: ItemPlan) -> dict[str, Numbers]:
    full = np.array([plan.full_units[list(aspect.positions)].sum() for aspect in plan.aspects], np.int64)
    value, se = _mean(groups.sums, full, plan=plan)
    nothing = np.full(value.shape, np.nan)
    outer, gap, gap_se = nothing, nothing, nothing
    if reference is not None:
        outer, _ = _mean(reference, full, plan=plan)
        rest_value, rest_se = _mean(reference - groups.sums, full, plan=plan)
        outside = 1 - ratio(groups.sums[:, 1:2], reference[:, 1:2])
        gap = outside * (value - rest_value)
        gap_se = outside * np.sqrt(se**2 + rest_se**2)
    return {
        "attainment": value,
        "se": se,
        "ci_low": np.maximum(value - Z_95 * se, 0),
        "ci_high": np.minimum(value + Z_95 * se, 1),
        "reference_attainment": outer,
        "gap": gap,
        "gap_se": gap_se,
        "gap_ci_low": gap - Z_95 * gap_se,
        "gap_ci_high": gap + Z_95 * gap_se,
    }


def _mean(sums: Integers, full: Integers, *, plan: ItemPlan) -> tuple[Numbers, Numbers]:
    k, others = len(plan.items), len(full) - len(plan.items)
    n, parts = sums[:, 1:2], np.split(sums[:, 2:], np.cumsum([k, k, others]), axis=1)
    total, squares = np.hstack([parts[0], parts[2]]), np.hstack([parts[1], parts[3]])
    mean = ratio(total, n * full)
    # Squares around a whole number next to the mean: whole numbers, so equal marks give a spread of exactly 0.
    center = (2 * total + n) // (2 * np.maximum(n, 1))
    shift = total - n * center
    centered = squares - 2 * center * total + n * center**2 - shift.astype(np.float64) ** 2 / np.maximum(n, 1)
    variance = ratio(centered, np.broadcast_to(np.maximum(n - 1, 0), centered.shape))
    return mean, np.sqrt(ratio(variance, np.broadcast_to(n, variance.shape))) / full


def _aspects(plan: ItemPlan) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "aspect": [aspect.kind for aspect in plan.aspects],
            "aspect_code": [aspect.code for aspect in plan.aspects],
            "position": list(range(1, len(plan.aspects) + 1)),
        }
    )
