"""Two levels: a county's pool to its schools, each school's amount to its staff (SCORING §11.5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from shared.scoring.allocation.allocate import Allocation, allocate
from shared.scoring.allocation.exact import products, scaled
from shared.scoring.allocation.groups import Groups
from shared.scoring.allocation.people import by_pool
from shared.scoring.allocation.plan import PayPlan
from shared.scoring.allocation.refusals import Refusal, RefusalReason
from shared.scoring.allocation.sharing import Sharing, share_money


def share_among_schools(schools: pl.DataFrame, money: pl.DataFrame) -> Sharing:
    """Shares the money of counties in proportion to headcount × grade coefficient.

    Args:
        schools: ``pool`` (the county's), ``school`` (text), ``headcount`` and ``coefficient`` (whole numbers or decimals of
            at most four places, ≥ 0), optionally ``floor_fen`` and ``cap_fen``. The order of rows does not matter.
        money: ``pool``, ``money_fen``.

    Returns:
        As :func:`~shared.scoring.allocation.sharing.share_money`, with the school as ``staff_key``; amounts add up to each
        county's money, or it is refused.
    """
    rows = schools.rename({"school": "staff_key"}).sort("pool", "staff_key")
    refusals: list[Refusal] = []
    factors = []
    for column in ("headcount", "coefficient"):
        units, missing, outside = scaled(rows[column])
        refusals += by_pool(rows.filter(missing), RefusalReason.FIGURE_MISSING, column=column)
        outside = outside | (units < 0)
        refusals += by_pool(rows.filter(outside), RefusalReason.FIGURE_OUTSIDE, column=column)
        factors.append(np.where(outside, 0, units))
    groups = Groups.of(rows["pool"].rle_id().cast(pl.Int64).to_numpy())
    weight, is_wide = products(groups, factors)
    refusals += by_pool(rows.filter(groups.rows_of(is_wide)), RefusalReason.WEIGHTS_TOO_LARGE)
    refused = {refusal.pool for refusal in refusals}
    sound = ~pl.col("pool").is_in(refused)
    made = share_money(rows.with_columns(pl.Series("weight", weight)).filter(sound), money.filter(sound))
    return Sharing(made.shares, made.pools, tuple(sorted([*refusals, *made.refusals], key=lambda one: one.pool)))


@dataclass(frozen=True, slots=True, eq=False)
class TwoLevels:
    """Both levels of a distribution.

    Args:
        schools: the counties' money shared among schools.
        staff: the schools' money shared among staff; the pool of a member is the school.
    """

    schools: Sharing
    staff: Allocation

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Of both levels."""
        return (*self.schools.refusals, *self.staff.refusals)

    def totals(self) -> pl.DataFrame:
        """Per county ``pool``, ``money_fen``, ``paid_fen``, ``kept_fen``: money = paid + kept unless a school is refused."""
        own = self.schools.shares.select("pool", pl.col("staff_key").alias("school"))
        paid = own.join(self.staff.pools.rename({"pool": "school"}), on="school", how="left")
        sums = paid.group_by("pool").agg(pl.col("paid_fen", "kept_fen").sum())
        return self.schools.pools.select("pool", "money_fen").join(sums, on="pool", how="left").sort("pool")


def share_two_levels(plan: PayPlan, *, money: pl.DataFrame, schools: pl.DataFrame, members: pl.DataFrame) -> TwoLevels:
    """County pools to schools, school amounts to staff, both to the fen.

    Args:
        plan: how schools share theirs.
        money: as :func:`share_among_schools`.
        schools: as :func:`share_among_schools`; a school belongs to one county.
        members: as :func:`~shared.scoring.allocation.allocate.allocate`, with the school as ``pool``.
    """
    first = share_among_schools(schools, money)
    pools = first.shares.select(pl.col("staff_key").alias("pool"), pl.col("amount_fen").alias("pool_fen"))
    known = members.join(pools, on="pool", how="semi")
    return TwoLevels(first, allocate(plan, pools, known))
