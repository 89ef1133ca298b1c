"""The definition of §11.2 and §11.3 once more, in fractions and without haste: every breakpoint is tried."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def exact_shares(
    money: int, weights: Sequence[int | Fraction], *, floors: Sequence[int], caps: Sequence[int | None]
) -> list[Fraction] | None:
    """clip(λ w, L, U) adding up to the money; ``None`` where the bounds do not admit it."""
    most = [money if cap is None else min(cap, money) for cap in caps]
    if any(cap is not None and floor > cap for floor, cap in zip(floors, caps, strict=True)):
        return None
    if not sum(floors) <= money <= sum(u if w else low for w, low, u in zip(weights, floors, most, strict=True)):
        return None

    def clipped(rate: Fraction) -> list[Fraction]:
        return [
            min(max(rate * w, Fraction(low)), Fraction(high)) if w else Fraction(low)
            for w, low, high in zip(weights, floors, most, strict=True)
        ]

    before = Fraction(0)
    for rate in sorted(
        {Fraction(b) / w for w, low, high in zip(weights, floors, most, strict=True) for b in (low, high) if w}
    ):
        reached = sum(clipped(rate))
        if reached >= money:
            behind = sum(clipped(before))
            step = (rate - before) * (money - behind) / (reached - behind) if reached > behind else 0
            return clipped(before + step)
        before = rate
    return clipped(before)


def whole_shares(shares: Sequence[Fraction]) -> list[int]:
    """Largest remainder, equal remainders in order."""
    amounts = [int(share) for share in shares]
    order = sorted(range(len(shares)), key=lambda place: (amounts[place] - shares[place], place))
    for place in order[: int(sum(shares)) - sum(amounts)]:
        amounts[place] += 1
    return amounts
