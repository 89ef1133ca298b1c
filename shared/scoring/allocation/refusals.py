"""Why a pool cannot be shared, with the figures that clash: a result, not an exception."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class RefusalReason(StrEnum):
    """What clashes. ``figures`` of a refusal are named behind each."""

    POOL_NEGATIVE = "pool_negative"
    """``pool_fen`` below 0."""
    POOL_UNKNOWN = "pool_unknown"
    """Members of a pool that is not among the pools."""
    MEMBER_TWICE = "member_twice"
    """A person stands twice in one pool."""
    FIGURE_MISSING = "figure_missing"
    """An eligible person has no points, count, presence …: ``column``."""
    FIGURE_OUTSIDE = "figure_outside"
    """A figure is negative, or present more than the period, or out of the range that is exact: ``column``."""
    FIXED_ABOVE_POOL = "fixed_above_pool"
    """``fixed_fen`` > ``pool_fen``."""
    PAYMENT_NEGATIVE = "payment_negative"
    """Deductions of fixed items exceed all that a person gets."""
    ENTITLEMENTS_ABOVE_MONEY = "entitlements_above_money"
    """``entitlements_fen`` > ``money_fen`` of the part."""
    FLOORS_ABOVE_MONEY = "floors_above_money"
    """``floors_fen`` > ``money_fen``."""
    CAPS_BELOW_MONEY = "caps_below_money"
    """``caps_fen`` < ``money_fen``."""
    FLOOR_ABOVE_CAP = "floor_above_cap"
    """A person's floor lies above the cap."""
    NO_WEIGHTS = "no_weights"
    """``money_fen`` to share and nobody has a weight."""
    NOBODY_TO_PAY = "nobody_to_pay"
    """``money_fen`` to share and nobody is eligible and present."""
    LEFT_OVER = "left_over"
    """``money_fen`` is left over and the plan does not say what becomes of it."""
    WEIGHTS_TOO_LARGE = "weights_too_large"
    """Weights of the pool, as whole numbers, add up to 2⁶² or more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One clash of one pool.

    Args:
        pool: the pool.
        reason: what clashes.
        part: code of the part or item, where it lies in one.
        figures: the figures that clash, by the names given with the reason.
        column: of the members' frame, where one is at fault.
        staff_keys: whom it concerns, in order; empty where it concerns the pool.
    """

    pool: str
    reason: RefusalReason
    part: str | None = None
    figures: Mapping[str, int] = field(default_factory=dict)
    column: str | None = None
    staff_keys: tuple[str, ...] = ()
