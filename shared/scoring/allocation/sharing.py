"""Sharing money over weights with floors and caps, to the fen (SCORING §11.2, §11.3, §11.7).

**Definition.** R fen are shared over weights wᵢ ≥ 0 with floors Lᵢ and caps Uᵢ in whole fen. The exact share is
xᵢ = clip(λ wᵢ, Lᵢ, Uᵢ) with λ such that Σ xᵢ = R; a weight of 0 stays at its floor. The paid amount aᵢ is xᵢ rounded down,
plus one fen for the R − Σ⌊xᵢ⌋ largest remainders (Hamilton's method, 最大余额法), equal remainders in the order of staff
keys.

**Bounds.** Lᵢ and Uᵢ are whole, so ⌊xᵢ⌋ and ⌈xᵢ⌉ lie between them, and so does aᵢ.

**More points, never less money** (§11.7). Let one's own weight rise; the others' weights, all bounds and R stay. For any
fixed λ the sum rises or stays, so the new λ′ ≤ λ: xⱼ′ ≤ xⱼ for all others, hence x₁′ ≥ x₁. Suppose a₁′ < a₁. Since
x₁′ ≥ x₁, both round down to one number f, a₁ = f + 1 and a₁′ = f. The sums being equal, some other has aⱼ′ > aⱼ although
xⱼ′ ≤ xⱼ, so both of these round down to one number too, aⱼ = g and aⱼ′ = g + 1. Before, 1 went up and j did not: 1's
remainder was no smaller. After, j went up and 1 did not, although 1's remainder did not fall and j's did not rise: with
one order of keys that is impossible. The same holds for one's own floor or cap raised. Between two people of one pool
with the same bounds: xᵢ > xⱼ gives aᵢ ≥ aⱼ, for they round down to different numbers or i's remainder is the larger.

**What it does not promise.** With R itself raised, one person may lose a fen (10 over 6:6:2 gives 4, 4, 2 and 11 gives
5, 5, 1: the Alabama paradox); with several people's weights changed at once likewise, which no method avoids that keeps
every amount at xᵢ rounded down or up (Balinski and Young 1982). Divisor methods avoid both and break the examples.

Exact throughout: whole numbers only, λ by sorted breakpoints in O(n log n), all pools in one call.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from shared.scoring.allocation.groups import Groups, Integers, Whole
from shared.scoring.allocation.kernel import Shares, bounded_shares
from shared.scoring.allocation.refusals import Refusal, RefusalReason

UNBOUNDED = int(np.iinfo(np.int64).max)
"""A cap that is none."""
LARGEST = 2**62
"""Money and sums of weights stay below."""


@dataclass(frozen=True, slots=True, eq=False)
class Sharing:
    """Money shared.

    Args:
        shares: one row per member of the pools that are not refused, sorted by pool and staff key: ``pool``, ``staff_key``,
            ``weight``, ``floor_fen``, ``cap_fen``, ``amount_fen``, ``is_raised``, ``is_floored``, ``is_capped``, ``is_tied``
            (see :class:`~shared.scoring.allocation.kernel.Shares`).
        pools: one row per pool that is not refused: ``pool``, ``money_fen``, ``member_count``, ``rate_numerator`` and
            ``rate_denominator`` (λ, fen per unit of weight), ``raised_count``, ``floored_count``, ``capped_count`` and
            ``tied_count``.
        refusals: of the other pools, by pool.
    """

    shares: pl.DataFrame
    pools: pl.DataFrame
    refusals: tuple[Refusal, ...]


def share_money(members: pl.DataFrame, money: pl.DataFrame) -> Sharing:
    """Shares the money of every pool over its members.

    Args:
        members: ``pool``, ``staff_key`` (text), ``weight`` (whole number ≥ 0; scale decimals up), and optionally
            ``floor_fen`` and ``cap_fen`` (whole fen; null is none). The order of rows does not matter.
        money: ``pool``, ``money_fen``; one row per pool.

    Returns:
        Amounts that add up to each pool's money, or why not; a pool without money and without members is no refusal.
    """
    bounds = [name for name in ("floor_fen", "cap_fen") if name in members.columns]
    rows = members.select("pool", "staff_key", "weight", *bounds)
    rows = rows.with_columns(pl.lit(None, pl.Int64).alias(name) for name in {"floor_fen", "cap_fen"} - set(bounds))
    rows = rows.select("pool", "staff_key", pl.col("weight", "floor_fen", "cap_fen").cast(pl.Int64))
    faults = _checked(rows, money)
    refused = {fault.pool for fault in faults}
    rows = rows.filter(~pl.col("pool").is_in(refused)).sort("pool", "staff_key")
    number = rows["pool"].rle_id().cast(pl.Int64).to_numpy()
    groups = Groups.of(number)
    pools = rows.select(pl.col("pool").unique(maintain_order=True)).join(
        money.select("pool", pl.col("money_fen").cast(pl.Int64)), on="pool", how="left", maintain_order="left"
    )
    weights, floors = rows["weight"].to_numpy(), rows["floor_fen"].fill_null(0).to_numpy()
    caps, amounts = rows["cap_fen"].fill_null(UNBOUNDED).to_numpy(), pools["money_fen"].to_numpy()
    made, clashes = share_groups(groups, weights=weights, floors=floors, caps=caps, money=amounts)
    is_sound = np.array([clash is None for clash in clashes], np.bool_)
    keys = rows["staff_key"]
    for clash, pool in zip(clashes, pools["pool"], strict=True):
        if clash is not None:
            faults.append(refusal_of(clash, pool=pool, staff_keys=tuple(keys[row] for row in clash.rows)))
    shares = rows.with_columns(row_columns(made)).filter(groups.rows_of(is_sound))
    finished = pools.with_columns(group_columns(made, groups)).filter(is_sound)
    return Sharing(shares, finished, tuple(sorted(faults, key=lambda fault: (fault.pool, fault.reason))))


@dataclass(frozen=True, slots=True)
class Clash:
    """Why one group cannot be shared: figures by name, rows at fault."""

    reason: RefusalReason
    figures: dict[str, int]
    rows: tuple[int, ...] = ()


def share_groups(
    groups: Groups, *, weights: Integers, floors: Integers, caps: Integers, money: Integers
) -> tuple[Shares, list[Clash | None]]:
    """:func:`~shared.scoring.allocation.kernel.bounded_shares` of the groups that can be shared; the others get 0.

    Args:
        groups: rows in order of group and staff key.
        weights: per row, ≥ 0 and below 2⁶².
        floors: per row, ≥ 0; 0 is none.
        caps: per row, ≥ 0; ``UNBOUNDED`` is none.
        money: per group, below 2⁶².

    Returns:
        The shares, and per group ``None`` or its clash.
    """
    clashes = _clashes(groups, weights, floors, caps, money)
    is_clash = np.array([clash is not None for clash in clashes], np.bool_)
    zero = groups.rows_of(is_clash)
    weights, floors = np.where(zero, 0, weights), np.where(zero, 0, floors)
    sound_money = np.where(is_clash, 0, money)
    return bounded_shares(groups, weights=weights, floors=floors, caps=caps, money=sound_money), clashes


def refusal_of(clash: Clash, *, pool: str, part: str | None = None, staff_keys: tuple[str, ...] = ()) -> Refusal:
    """A clash told of a pool."""
    return Refusal(pool=pool, part=part, reason=clash.reason, figures=clash.figures, staff_keys=staff_keys)


def row_columns(shares: Shares) -> list[pl.Series]:
    """What rows come to, as columns."""
    flags = ("is_raised", "is_floored", "is_capped", "is_tied")
    return [pl.Series("amount_fen", shares.amount), *(pl.Series(name, getattr(shares, name)) for name in flags)]


def group_columns(shares: Shares, groups: Groups) -> list[pl.Series]:
    """What groups come to, as columns."""
    flags = {name: getattr(shares, f"is_{name}") for name in ("raised", "floored", "capped", "tied")}
    return [
        pl.Series("member_count", groups.sizes),
        pl.Series("rate_numerator", shares.numerator),
        pl.Series("rate_denominator", shares.denominator),
        *(pl.Series(f"{name}_count", groups.counts(flag)) for name, flag in flags.items()),
    ]


def exact_sums(groups: Groups, values: Integers) -> Whole:
    """Sums of groups, in Python's whole numbers where 64 bits might not hold them."""
    if not groups.count or groups.sums(np.abs(values.astype(np.float64))).max() < LARGEST:
        return groups.sums(values)
    return groups.sums(values.astype(object))


def _clashes(
    groups: Groups, weights: Integers, floors: Integers, caps: Integers, money: Integers
) -> list[Clash | None]:
    has_weight = weights > 0
    most = np.where(has_weight, np.minimum(caps, np.maximum(money, 0)[groups.number]), floors)
    floor_sum, cap_sum, weight_sum = (exact_sums(groups, column) for column in (floors, most, weights))
    crossed = floors > caps
    found: list[Clash | None] = [None] * groups.count
    bad = (floor_sum > money) | (cap_sum < money) | (weight_sum >= LARGEST) | (groups.counts(crossed) > 0) | (money < 0)
    for number in np.flatnonzero(bad.astype(np.bool_)):
        here = slice(groups.starts[number], groups.starts[number] + groups.sizes[number])
        figures = {"money_fen": int(money[number])}
        if money[number] < 0:
            found[number] = Clash(RefusalReason.POOL_NEGATIVE, {"pool_fen": int(money[number])})
        elif crossed[here].any():
            rows = tuple(int(row) for row in np.flatnonzero(crossed[here]) + here.start)
            found[number] = Clash(RefusalReason.FLOOR_ABOVE_CAP, {}, rows)
        elif weight_sum[number] >= LARGEST:
            found[number] = Clash(RefusalReason.WEIGHTS_TOO_LARGE, {})
        elif floor_sum[number] > money[number]:
            found[number] = Clash(RefusalReason.FLOORS_ABOVE_MONEY, {"floors_fen": int(floor_sum[number]), **figures})
        elif not has_weight[here].any():
            found[number] = Clash(RefusalReason.NO_WEIGHTS, figures)
        else:
            found[number] = Clash(RefusalReason.CAPS_BELOW_MONEY, {"caps_fen": int(cap_sum[number]), **figures})
    return found


def _checked(rows: pl.DataFrame, money: pl.DataFrame) -> list[Refusal]:
    """Everything that keeps a pool out before its money is looked at."""
    doubled = rows.group_by("pool", "staff_key").len().filter(pl.col("len") > 1)
    stray = rows.join(money, on="pool", how="anti")
    deserted = money.filter(pl.col("money_fen") != 0).join(rows, on="pool", how="anti")
    found = [*_of(doubled, RefusalReason.MEMBER_TWICE), *_of(stray, RefusalReason.POOL_UNKNOWN)]
    for column in ("weight", "floor_fen", "cap_fen"):
        outside = rows.filter((pl.col(column) < 0) | ((pl.col(column) >= LARGEST) & (pl.col(column) < UNBOUNDED)))
        found += _of(outside, RefusalReason.FIGURE_OUTSIDE, column=column)
    found += _of(rows.filter(pl.col("weight").is_null()), RefusalReason.FIGURE_MISSING, column="weight")
    for row in deserted.iter_rows(named=True):
        figures = {"money_fen": row["money_fen"]}
        found.append(Refusal(pool=row["pool"], reason=RefusalReason.NOBODY_TO_PAY, figures=figures))
    return found


def _of(rows: pl.DataFrame, reason: RefusalReason, *, column: str | None = None) -> list[Refusal]:
    """One refusal per pool, with the people it concerns."""
    whom = rows.group_by("pool").agg(pl.col("staff_key").unique().sort()).sort("pool")
    return [Refusal(pool=pool, reason=reason, column=column, staff_keys=tuple(keys)) for pool, keys in whom.iter_rows()]
