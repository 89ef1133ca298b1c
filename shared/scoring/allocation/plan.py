"""How a pool is shared, as data: fixed items first, then parts of the rest, each by one method (SCORING §11.1).

A plan names columns of the members' frame (``allocate.py`` lists them); it holds no person and no amount of a pool.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Exclusion(StrEnum):
    """Why a person stands outside a pool: no points, no floor; the money stays in the pool (§11.4)."""

    PRINCIPAL = "principal"
    """The education office decides a principal's pay."""
    SECONDED = "seconded"
    """Works elsewhere (借调)."""
    RETIRED = "retired"
    """Retired during the period and paid apart."""
    LEFT = "left"
    """Left during the period and paid apart."""
    CONDUCT_VETO = "conduct_veto"
    """A confirmed violation of professional conduct (师德一票否决)."""
    NOT_ELIGIBLE = "not_eligible"
    """Any other reason the plan's owner states."""


class TieRule(StrEnum):
    """Which tier equal points at a border get."""

    HIGHER = "higher"
    """All of them the higher one, even if it then holds more people than its share."""
    LOWER = "lower"
    """All of them the lower one, even if the higher one then holds fewer."""
    BY_STAFF_KEY = "by_staff_key"
    """Equal points are split in the order of staff keys. Only where the plan says so."""


class WithoutWeights(StrEnum):
    """What happens to a part's money where nobody has a weight (all points are 0)."""

    REFUSE = "refuse"
    EQUAL = "equal"
    """By presence alone."""
    KEEP = "keep"
    """It is not paid and shown as kept."""


class Leftover(StrEnum):
    """What becomes of money that a method leaves over by itself."""

    TO_POOL = "to_pool"
    """It joins the money of the parts that share theirs out."""
    KEEP = "keep"
    """It is not paid and shown as kept (a reserve, the next period)."""
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedItem:
    """An amount that a person is owed before the rest is shared: ``unit_fen × (count − standard)``.

    A class-teacher fee is a price per pupil and month times pupil-months; lessons beyond the standard are a price per lesson
    times the difference, which may be negative.

    Args:
        code: its name in results, unique among items and parts.
        unit_fen: price of one, in fen, above 0.
        count: column with how many, at most four decimals; 0 for whoever has none, never null.
        standard: column with what the count is held against; ``None``: nothing is taken off.
        paid_to: exclusions in spite of which it is paid (who retired in May taught until May).
    """

    code: str
    unit_fen: int
    count: str
    standard: str | None = None
    paid_to: frozenset[Exclusion] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsShare:
    """In proportion to pointsᵞ.

    Args:
        points: column, 0 and more, at most four decimals.
        gamma: γ, above 0, at most two decimals; 1 is proportional, more widens the differences.
    """

    points: str
    gamma: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadShare:
    """In proportion to the workload score: own workload ÷ mean of the pool × ``scale``.

    The mean is one number for the whole pool and drops out of every share, so shares are by the workload itself and no
    rounding of scores decides a fen; scores are for the explanation.

    Args:
        workload: column, 0 and more, at most four decimals.
        scale: score of the mean.
    """

    workload: str
    scale: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A tier, best first: the share of the people that it holds, 0 to 1, and its coefficient.

    Amounts per person (90, 80, 70) are coefficients too: the part's money is kept level, and where the tiers hold as many
    people as planned everybody gets the amount written.
    """

    people_rate: Decimal
    coefficient: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TierShare:
    """In proportion to the coefficient of one's tier.

    People present are ranked by points inside their group; of n people the first n · (r₁ + … + rₖ), halves up, are in tier
    k or better.

    Args:
        points: column, at most four decimals.
        tiers: best first; shares of people add up to 1, coefficients never rise.
        ties: for equal points at a border.
        group_by: columns whose groups are ranked apart; none: the pool is one group.
        money_by_group: whether the part's money is first divided among the groups by their presence (× post coefficient),
            so that tiers move money inside a group only.
    """

    points: str
    tiers: tuple[Tier, ...]
    ties: TieRule = TieRule.HIGHER
    group_by: tuple[str, ...] = ()
    money_by_group: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualShare:
    """The same for everybody present in full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitlementShare:
    """Own entitlement × score ÷ full score × presence, halves of a fen up; nobody gains by what another loses.

    Args:
        entitlement_fen: column of whole fen, 0 and more.
        score: column, 0 and more, at most four decimals.
        full_score: score that brings the whole entitlement.
        leftover: where the rest of the part's money goes; entitlements above it refuse the pool.
    """

    entitlement_fen: str
    score: str
    full_score: int = 100
    leftover: Leftover = Leftover.KEEP


ShareMethod = PointsShare | WorkloadShare | TierShare | EqualShare | EntitlementShare


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the rest, shared by one method.

    Weight of a person = figure of the method × post coefficient × presence.

    Args:
        code: its name in results.
        weight: relative to the other parts (50 : 27 : 23), above 0, at most four decimals.
        method: how it is shared.
        post_coefficient: column, 0 and more, at most four decimals; ``None``: 1 for all.
        by_presence: whether presence counts.
        floor_fen: column with the least a person gets of this part; null is none.
        cap_fen: column with the most; null is none.
        without_weights: what happens where nobody has a weight.
    """

    code: str
    weight: Decimal
    method: ShareMethod
    post_coefficient: str | None = None
    by_presence: bool = True
    floor_fen: str | None = None
    cap_fen: str | None = None
    without_weights: WithoutWeights = WithoutWeights.REFUSE


@dataclass(frozen=True, slots=True, kw_only=True)
class PayPlan:
    """A plan: fixed items, then parts.

    Args:
        parts: in the order in which equal remainders of their money are settled.
        fixed_items: paid first; refused where they exceed the pool.
        leftover: of a plan without parts: what becomes of the rest (``KEEP`` or ``REFUSE``).
    """

    parts: tuple[Part, ...] = ()
    fixed_items: tuple[FixedItem, ...] = ()
    leftover: Leftover = Leftover.REFUSE
