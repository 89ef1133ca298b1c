"""Attainment by item and by what the specification table says of items, in every group, against its reference (§7.6)."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl

from shared.scoring.disclosure import mark_suppressed
from shared.scoring.items.base import Numbers
from shared.scoring.items.group_sums import GroupSums
from shared.scoring.items.plan import ItemPlan
from shared.scoring.items.summary import ItemSummary
from shared.scoring.levels import LEVELS, keys_at, locate
from shared.scoring.parallel import each
from shared.scoring.statistics.base import Z_95, ratio
from shared.scoring.summaries.group_counts import Integers
from shared.terms.organization import OrgLevel

FIGURES = (
    "attainment", "se", "ci_low", "ci_high", "reference_attainment", "gap", "gap_se", "gap_ci_low", "gap_ci_high",
)  # fmt: skip
_OF_OWN = 4
"""So many of them are of the group alone, the others beside its reference."""
Figures = dict[str, Numbers]
_BLOCK = 512
"""Groups finished together: their figures stay in the cache."""


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
        ``level``, keys, ``subject, aspect, aspect_code, position``, counts, suppression, the figures, sorted; small
        groups are marked, not emptied.
    """
    plan = summary.plan
    leveled = _leveled(summary.groups)
    # Alphabetical, as the frame is sorted: its rows are made in their final order.
    levels = sorted(plan.levels, key=lambda level: level.value)
    keys = [_keys(leveled[level], level, plan) for level in levels]
    flagged = mark_suppressed(pl.concat(keys), min_n=plan.min_n, by=["subject"])
    figures = _figures(leveled, levels, plan)
    rows = flagged.join(_aspects(plan), how="cross", maintain_order="left_right")
    columns = pl.DataFrame({name: values.ravel() for name, values in figures.items()}, nan_to_null=True)
    return pl.concat([rows, columns], how="horizontal")


def _leveled(classes: GroupSums) -> dict[OrgLevel, GroupSums]:
    """The sums at every level, each from the level below."""
    leveled = {OrgLevel.CLASS: classes}
    for inner, outer in pairwise(LEVELS[::-1]):
        leveled[outer] = leveled[inner].roll_up(keys_at(leveled[inner].keys, outer))
    return leveled


def _keys(groups: GroupSums, level: OrgLevel, plan: ItemPlan) -> pl.DataFrame:
    return groups.keys.with_columns(
        pl.lit(level.value).alias("level"),
        pl.lit(plan.subject).alias("subject"),
        pl.Series("n_registered", groups.sums[:, 0]),
        pl.Series("n_sat", groups.sums[:, 1]),
    )


def _figures(leveled: dict[OrgLevel, GroupSums], levels: list[OrgLevel], plan: ItemPlan) -> Figures:
    """The figures of all groups, level after level, each of shape (groups, aspects)."""
    reference, k = leveled[plan.reference].sums, len(plan.items)
    full = np.array([plan.full_units[list(aspect.positions)].sum() for aspect in plan.aspects], np.int64)
    outer, _ = _mean(reference, full, items=k)
    sums = np.concatenate([leveled[level].sums for level in levels])
    place = np.concatenate([_reference_places(leveled, level, plan) for level in levels])
    figures = {name: np.empty((len(sums), len(full))) for name in FIGURES}

    def fill(start: int) -> None:
        rows = slice(start, start + _BLOCK)
        own, whole = sums[rows], reference[place[rows]]
        out = {name: values[rows] for name, values in figures.items()}
        value, se = _own(out, own, full=full, items=k)
        out["reference_attainment"][:] = outer[place[rows]]
        rest = _mean(whole - own, full, items=k)
        _gap(out, (value, se), rest, outside=1 - ratio(own[:, 1:2], whole[:, 1:2]))
        for name in FIGURES[_OF_OWN:]:
            out[name][place[rows] < 0] = np.nan

    each(fill, range(0, len(sums), _BLOCK))
    return figures


def _reference_places(leveled: dict[OrgLevel, GroupSums], level: OrgLevel, plan: ItemPlan) -> Integers:
    """The reference group of every group below the level of reference, −1 for the others."""
    keys = leveled[level].keys
    if LEVELS.index(level) <= LEVELS.index(plan.reference):
        return np.full(keys.height, -1)
    return locate(keys_at(keys, plan.reference), leveled[plan.reference].keys)


def _own(out: Figures, sums: Integers, *, full: Integers, items: int) -> tuple[Numbers, Numbers]:
    """Attainment and standard error of some groups, one row per group, one column per aspect."""
    value, se = _mean(sums, full, items=items)
    out["attainment"][:] = value
    out["se"][:] = se
    margin = Z_95 * se
    np.maximum(value - margin, 0, out=out["ci_low"])
    np.minimum(value + margin, 1, out=out["ci_high"])
    return value, se


def _gap(out: Figures, own: tuple[Numbers, Numbers], rest: tuple[Numbers, Numbers], *, outside: Numbers) -> None:
    gap, gap_se = out["gap"], out["gap_se"]
    np.multiply(outside, own[0] - rest[0], out=gap)
    np.multiply(outside, np.sqrt(own[1] ** 2 + rest[1] ** 2), out=gap_se)
    margin = Z_95 * gap_se
    np.subtract(gap, margin, out=out["gap_ci_low"])
    np.add(gap, margin, out=out["gap_ci_high"])


def _mean(sums: Integers, full: Integers, *, items: int) -> tuple[Numbers, Numbers]:
    others = len(full) - items
    n, parts = sums[:, 1:2], np.split(sums[:, 2:], np.cumsum([items, items, others]), axis=1)
    total, squares = np.hstack([parts[0], parts[2]]), np.hstack([parts[1], parts[3]])
    mean = ratio(total, n * full)
    # Squares around a whole number next to the mean: whole numbers, so equal marks give a spread of exactly 0.
    # The quotient is never so near a whole number that the rounded one lies on its other side.
    center = np.floor((2 * total + n) / (2 * np.maximum(n, 1))).astype(np.int64)
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
