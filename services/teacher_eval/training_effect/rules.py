"""Whether participants of a training came further than comparable others, with its uncertainty; no proof of a cause.

Change in the annual total: participants are held against others of the same track and group who began alike (thirds of the
total before), stratum by stratum, each weighted by its participants: ``Σ w (d̄₁ − d̄₀)`` with ``√Σ w² (s₁²/n₁ + s₀²/n₀)``
(post-stratified difference in differences). Strata without two people on either side are left out and counted.
Rungs reached: a difference of shares with Newcombe's hybrid score interval (1998, method 10).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import polars as pl

from shared.scoring.rounding import half_away_from_zero
from shared.scoring.statistics.base import Z_95

_STRATUM = ("track", "group", "third")
_LEAST_IN_STRATUM = 2


@dataclass(frozen=True, slots=True)
class Effect:
    """A difference with its interval; figures are null where too few people stand behind them."""

    participants: int
    others: int
    left_out: int
    participants_change: float | None
    others_change: float | None
    effect: float | None
    ci: tuple[float, float] | None


def change_effect(people: pl.DataFrame, *, least: int) -> Effect:
    """Change of participants against that of comparable others.

    Args:
        people: ``is_participant, track, group, before, after``, one row a person with both totals.
        least: people on either side below which nothing is shown.
    """
    third = pl.col("before").rank("ordinal").over("track", "group") * 3 // (pl.len().over("track", "group") + 1)
    changed = people.with_columns(third=third, change=pl.col("after") - pl.col("before"))
    stats = changed.group_by(*_STRATUM, "is_participant").agg(
        n=pl.len(), mean=pl.col("change").mean(), variance=pl.col("change").var()
    )
    treated = stats.filter("is_participant").drop("is_participant")
    compared = stats.filter(~pl.col("is_participant")).drop("is_participant")
    strata = treated.join(compared, on=list(_STRATUM), how="inner", suffix="_others").filter(
        pl.col("n") >= _LEAST_IN_STRATUM, pl.col("n_others") >= _LEAST_IN_STRATUM
    )
    n, others = int(strata["n"].sum()), int(strata["n_others"].sum())
    left_out = int(treated["n"].sum()) - n
    if n < least or others < least:
        return Effect(n, others, left_out, None, None, None, None)
    weight = strata["n"] / n
    own, theirs = float((weight * strata["mean"]).sum()), float((weight * strata["mean_others"]).sum())
    errors = strata["variance"] / strata["n"] + strata["variance_others"] / strata["n_others"]
    margin = Z_95 * math.sqrt(float((weight * weight * errors).sum()))
    effect = own - theirs
    interval = (_shown(effect - margin), _shown(effect + margin))
    return Effect(n, others, left_out, _shown(own), _shown(theirs), _shown(effect), interval)


def share_effect(reached: int, n: int, others_reached: int, others: int, *, least: int) -> Effect:
    """Share of participants who reached a rung against that of others."""
    if n < least or others < least:
        return Effect(n, others, 0, None, None, None, None)
    own, theirs = reached / n, others_reached / others
    (own_low, own_high), (low, high) = _wilson(own, n), _wilson(theirs, others)
    difference = own - theirs
    ci = (
        _shown(difference - math.hypot(own - own_low, high - theirs), 4),
        _shown(difference + math.hypot(own_high - own, theirs - low), 4),
    )
    return Effect(n, others, 0, _shown(own, 4), _shown(theirs, 4), _shown(difference, 4), ci)


def _wilson(share: float, n: int) -> tuple[float, float]:
    square = Z_95**2 / n
    middle = (share + square / 2) / (1 + square)
    margin = Z_95 * math.sqrt(share * (1 - share) / n + square / (4 * n)) / (1 + square)
    return middle - margin, middle + margin


def _shown(value: float, digits: int = 2) -> float:
    return float(half_away_from_zero(value, digits))
