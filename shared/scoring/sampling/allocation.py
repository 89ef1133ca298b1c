"""How many schools each stratum gives: shares rounded by largest remainder inside bounds (SCORING §8b.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import polars as pl

from shared.scoring.sampling.design import Allocation, SampleDesign
from shared.terms.errors import DomainError

_ZERO = Fraction(0)


def allocated_schools(
    frame: pl.DataFrame, design: SampleDesign, *, spread: Mapping[str, float] | None = None
) -> dict[str, int]:
    """Schools to draw per stratum, adding up to ``design.schools`` exactly.

    Proportional: to the stratum's pupils M. Equal: the same everywhere. Neyman: to M · S with S the standard deviation
    of the outcome in the stratum (Neyman 1934), known or guessed from an earlier round. No stratum gives more schools
    than it has, nor fewer than ``min_schools`` where it has as many.

    Args:
        frame: canonical school frame.
        design: the design.
        spread: S by stratum, needed for Neyman and then for every stratum, ≥ 0.

    Raises:
        DomainError: ``scoring.sample_allocation`` where the bounds admit no solution or a spread is missing.
    """
    strata = frame.group_by("stratum").agg(pl.len().alias("schools"), pl.col("size").sum()).sort("stratum")
    codes = strata["stratum"].to_list()
    weights = [Fraction(size) for size in strata["size"].to_list()]
    if design.allocation is Allocation.EQUAL:
        weights = [Fraction(1)] * len(codes)
    elif design.allocation is Allocation.NEYMAN:
        known = spread or {}
        if set(codes) - set(known) or min(known[code] for code in codes) < 0:
            raise DomainError("scoring.sample_allocation", params={"schools": design.schools})
        weights = [weight * Fraction(known[code]) for weight, code in zip(weights, codes, strict=True)]
    high = strata["schools"].to_list()
    low = [min(design.min_schools, most) for most in high]
    return dict(zip(codes, bounded_shares(design.schools, weights, low=low, high=high), strict=True))


def bounded_shares(
    total: int, weights: Sequence[Fraction], *, low: Sequence[int], high: Sequence[int]
) -> tuple[int, ...]:
    """Whole numbers near λ · weight inside ``low`` … ``high`` whose sum is ``total``.

    λ solves Σ clip(λ wᵢ, lowᵢ, highᵢ) = total exactly; the fractions are then rounded by largest remainder, equal
    remainders in the given order. A weight of 0 stays at its lower bound.

    Raises:
        DomainError: ``scoring.sample_allocation`` if ``total`` lies outside what the bounds admit.
    """
    quotas = _clipped_quotas(total, weights, low=low, high=high)
    shares = [int(quota) for quota in quotas]
    order = sorted(range(len(quotas)), key=lambda number: (shares[number] - quotas[number], number))
    for number in order[: total - sum(shares)]:
        shares[number] += 1
    return tuple(shares)


def _clipped_quotas(
    total: int, weights: Sequence[Fraction], *, low: Sequence[int], high: Sequence[int]
) -> list[Fraction]:
    def clipped(factor: Fraction) -> list[Fraction]:
        return [
            min(max(factor * weight, Fraction(least)), Fraction(most))
            for weight, least, most in zip(weights, low, high, strict=True)
        ]

    bounds = [*zip(weights, low, strict=True), *zip(weights, high, strict=True)]
    breaks = sorted({_ZERO} | {bound / weight for weight, bound in bounds if weight})
    if not sum(clipped(_ZERO)) <= total <= sum(clipped(breaks[-1])):
        raise DomainError("scoring.sample_allocation", params={"schools": total})
    # The sum grows with the factor and is straight between neighboring breaks.
    upper = next(number for number, factor in enumerate(breaks) if sum(clipped(factor)) >= total)
    right = sum(clipped(breaks[upper]), start=_ZERO)
    if right == total:
        return clipped(breaks[upper])
    left = sum(clipped(breaks[upper - 1]), start=_ZERO)
    share = (total - left) / (right - left)
    return clipped(breaks[upper - 1] + share * (breaks[upper] - breaks[upper - 1]))
