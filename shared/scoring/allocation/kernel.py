"""The arithmetic of sharing: λ by sorted breakpoints, then largest remainder, for all groups at once, in whole numbers.

Products of weights and money are taken in 64 bits in the groups where they provably fit, and with Python's own whole
numbers in the others; the same lines do both.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from shared.scoring.allocation.groups import Flags, Groups, Integers, Whole

_NARROW_BITS = 62
_SAFE = float(2**61)
_WIDE_BITS = 40
"""Weights of more bits would leave too few for a digit of a breakpoint."""


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """What rows and groups come to.

    Args:
        amount: of each row, whole fen.
        is_raised: whether the row got the fen above its exact share rounded down.
        is_floored: whether its floor lies above λ · weight.
        is_capped: whether its cap lies below λ · weight.
        is_tied: whether staff keys decided, among equal remainders, if it got its last fen.
        numerator: λ of each group is numerator / denominator; fen.
        denominator: same unit as weights.
    """

    amount: Integers
    is_raised: Flags
    is_floored: Flags
    is_capped: Flags
    is_tied: Flags
    numerator: Integers
    denominator: Integers


def bounded_shares(groups: Groups, *, weights: Integers, floors: Integers, caps: Integers, money: Integers) -> Shares:
    """Whole fen nearest to clip(λ · weight, floor, cap) that add up to each group's money.

    Args:
        groups: rows in order; inside a group equal remainders go up in the order of rows.
        weights: per row, ≥ 0, adding up to less than 2⁶² in each group.
        floors: per row, 0 ≤ floor ≤ cap.
        caps: per row; of a row without weight, its floor counts as its cap.
        money: per group; Σ floors ≤ money ≤ Σ caps.
    """
    caps = np.minimum(caps, money[groups.number])
    is_narrow = _fits(groups, weights, floors, caps, money)
    if is_narrow.all():
        return _shares(groups, weights, floors, caps, money)
    parts: list[tuple[Flags, Flags, Shares]] = []
    for chosen, dtype in ((is_narrow, np.int64), (~is_narrow, object)):
        rows = groups.rows_of(chosen)
        weight, floor, cap = (column[rows].astype(dtype) for column in (weights, floors, caps))
        made = _shares(Groups.of(groups.number[rows]), weight, floor, cap, money[chosen].astype(dtype))
        parts.append((rows, chosen, made))
    return _together(parts, len(weights), groups.count)


def _fits(groups: Groups, weights: Integers, floors: Integers, caps: Integers, money: Integers) -> Flags:
    """Groups whose every product stays within 64 bits; floats only choose the width."""
    most = np.maximum.reduceat(weights, groups.starts).astype(np.float64)
    is_bound = _is_bound(groups, floors, caps, money)
    bounds = groups.sums((floors + np.where(is_bound & (weights > 0), caps, 0)).astype(np.float64))
    money_width = money.astype(np.float64) + 1
    widest = np.maximum(groups.sums(weights.astype(np.float64)) * money_width, (bounds + money_width) * most)
    return (widest < _SAFE) & (most < 2.0**_WIDE_BITS)


def _is_bound(groups: Groups, floors: Integers, caps: Integers, money: Integers) -> Flags:
    """Rows of groups in which some floor or cap says anything."""
    return groups.rows_of(groups.sums(((floors > 0) | (caps < money[groups.number])).astype(np.int64)) > 0)


def _together(parts: list[tuple[Flags, Flags, Shares]], rows: int, groups: int) -> Shares:
    made = {}
    for field in fields(Shares):
        is_row = field.name not in ("numerator", "denominator")
        whole: Whole = np.zeros(rows if is_row else groups, np.bool_ if field.name.startswith("is_") else np.int64)
        for row_flags, group_flags, shares in parts:
            whole[row_flags if is_row else group_flags] = getattr(shares, field.name)
        made[field.name] = whole
    return Shares(**made)


def _shares(groups: Groups, weights: Whole, floors: Whole, caps: Whole, money: Whole) -> Shares:
    numerator, denominator = _rate(groups, weights, floors, caps, money)
    product, divisor = numerator[groups.number] * weights, denominator[groups.number]
    whole = product // divisor
    remainder = product - whole * divisor
    is_floored = (whole < floors).astype(np.bool_)
    at_cap = (whole >= caps).astype(np.bool_)
    is_capped = (
        at_cap & ((whole > caps) | (remainder > 0)).astype(np.bool_) & (weights > 0).astype(np.bool_) & ~is_floored
    )
    amount = np.where(is_floored, floors, np.where(at_cap, caps, whole))
    remainder = np.where(is_floored | at_cap, 0, remainder)
    is_raised, is_tied = _raised(groups, remainder, money - groups.sums(amount))
    return Shares(
        (amount + is_raised).astype(np.int64),
        is_raised,
        is_floored,
        is_capped,
        is_tied,
        numerator.astype(np.int64),
        denominator.astype(np.int64),
    )


def _raised(groups: Groups, remainder: Whole, left: Whole) -> tuple[Flags, Flags]:
    """The rows with the largest remainders, as many as fen are left; and those among which the order of rows decided."""
    order = np.lexsort((-remainder, groups.number))
    left_here = left[groups.number]
    chosen = (groups.places < left_here).astype(np.bool_)
    is_raised = np.zeros(len(order), np.bool_)
    is_raised[order] = chosen
    is_last = (groups.places == left_here - 1).astype(np.bool_)
    marginal = np.zeros(groups.count, remainder.dtype)
    marginal[groups.number[is_last]] = remainder[order][is_last]
    is_level = ((remainder == marginal[groups.number]) & (remainder > 0)).astype(np.bool_)
    is_decided = groups.counts(is_level) > groups.counts(is_level & is_raised)
    return is_raised, is_level & groups.rows_of(is_decided)


def _rate(groups: Groups, weights: Whole, floors: Whole, caps: Whole, money: Whole) -> tuple[Whole, Whole]:
    """λ of each group as a fraction; 0 where nobody has a weight."""
    numerator, denominator = money.copy(), groups.sums(weights)
    bound = _is_bound(groups, floors, caps, money)
    if bound.any():
        here = np.zeros(groups.count, np.bool_)
        here[groups.number[bound]] = True
        columns = (weights[bound], floors[bound], caps[bound], money[here])
        numerator[here], denominator[here] = _bounded_rate(Groups.of(groups.number[bound]), *columns)
    is_empty = (denominator == 0).astype(np.bool_)
    return np.where(is_empty, 0, numerator), np.where(is_empty, 1, denominator)


def _bounded_rate(groups: Groups, weights: Whole, floors: Whole, caps: Whole, money: Whole) -> tuple[Whole, Whole]:
    """Solves S(λ) = Σ clip(λ wᵢ, Lᵢ, Uᵢ) = money.

    S never falls and is straight, C + B·λ, between neighboring breakpoints Lᵢ/wᵢ and Uᵢ/wᵢ. The last breakpoint t with
    S(t) ≤ money opens the piece that the solution lies on. A floor of 0 is open from the start; a cap of all the money
    never closes.
    """
    has_weight = (weights > 0).astype(np.bool_)
    opens = np.flatnonzero(has_weight & (floors > 0).astype(np.bool_))
    closes = np.flatnonzero(has_weight & (caps < money[groups.number]).astype(np.bool_))
    rows = np.concatenate([opens, closes])
    is_close = np.arange(len(rows)) >= len(opens)
    bound = np.where(is_close, caps[rows], floors[rows])
    order = _by_ratio(groups.number[rows], bound, weights[rows])
    rows, is_close, bound = rows[order], is_close[order], bound[order]
    weight, number = weights[rows], groups.number[rows]

    constant, slope = groups.sums(floors), groups.sums(np.where((floors > 0).astype(np.bool_), 0, weights))
    events = Groups.of(number)
    after_constant = constant[number] + events.running(np.where(is_close, bound, -bound))
    after_slope = slope[number] + events.running(np.where(is_close, -weight, weight))
    is_reached = (after_slope * bound <= (money[number] - after_constant) * weight).astype(np.bool_)
    goes_on = np.append((number[1:] == number[:-1]) & is_reached[1:], [False])[: len(rows)].astype(np.bool_)
    last = np.flatnonzero(is_reached & ~goes_on)
    constant[number[last]], slope[number[last]] = after_constant[last], after_slope[last]
    numerator = money - constant
    # All that have a weight stand at their caps and the caps are the money: any λ from the last cap on.
    flat = last[(after_slope[last] == 0).astype(np.bool_)]
    numerator[number[flat]], slope[number[flat]] = bound[flat], weight[flat]
    return numerator, slope


def _by_ratio(number: Integers, bound: Whole, weight: Whole) -> NDArray[np.intp]:
    """Order of the fractions bound / weight inside groups, exactly.

    Two different fractions lie at least 1 / weight² apart, so 2·bits digits after the point tell them apart; they are had
    by long division, as many at a time as the width holds.
    """
    if not len(weight):
        return np.zeros(0, np.intp)
    bits = int(weight.max()).bit_length()
    step = 2 * bits if weight.dtype == object else _NARROW_BITS - bits
    digit, rest = bound // weight, bound % weight
    digits = [digit]
    for _ in range(-(-2 * bits // step)):
        shifted = rest * 2**step
        digits.append(shifted // weight)
        rest = shifted % weight
    return np.lexsort((*reversed(digits), number))
