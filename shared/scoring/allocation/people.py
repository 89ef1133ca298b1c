"""The people of all pools in order, their figures as whole numbers, and what is missing or impossible among them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from shared.scoring.allocation.exact import SCALE, scaled
from shared.scoring.allocation.groups import Flags, Groups, Integers
from shared.scoring.allocation.plan import Exclusion
from shared.scoring.allocation.refusals import Refusal, RefusalReason
from shared.scoring.allocation.sharing import LARGEST, Clash, refusal_of

PRESENT, PERIOD = "months_present", "months_of_period"


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Members of pools that have members.

    Args:
        frame: the members, sorted by pool and staff key.
        groups: one per pool.
        pools: ``pool``, ``pool_fen``, in the order of groups.
        is_in: who is eligible.
        refusals: found so far; added to while figures are read.
    """

    frame: pl.DataFrame
    groups: Groups
    pools: pl.DataFrame
    is_in: Flags
    refusals: list[Refusal]

    @classmethod
    def of(cls, pools: pl.DataFrame, members: pl.DataFrame) -> People:
        """Reads members and pools; those of unknown pools, of pools with doubled members or impossible money stay out."""
        if "exclusion" not in members.columns:
            members = members.with_columns(exclusion=pl.lit(None, pl.String))
        pools = pools.select("pool", pl.col("pool_fen").cast(pl.Int64)).sort("pool")
        stray = members.join(pools, on="pool", how="anti")
        doubled = members.group_by("pool", "staff_key").len().filter(pl.col("len") > 1)
        refusals = [*by_pool(stray, RefusalReason.POOL_UNKNOWN), *by_pool(doubled, RefusalReason.MEMBER_TWICE)]
        for pool, amount in pools.filter(~pl.col("pool_fen").is_between(0, LARGEST - 1)).iter_rows():
            refusals.append(Refusal(pool=pool, reason=RefusalReason.POOL_NEGATIVE, figures={"pool_fen": amount}))
        deserted = pools.filter(pl.col("pool_fen").is_between(1, LARGEST - 1)).join(members, on="pool", how="anti")
        for pool, amount in deserted.iter_rows():
            refusals.append(Refusal(pool=pool, reason=RefusalReason.NOBODY_TO_PAY, figures={"money_fen": amount}))
        refused = {refusal.pool for refusal in refusals}
        frame = members.filter(~pl.col("pool").is_in(refused)).sort("pool", "staff_key")
        groups = Groups.of(frame["pool"].rle_id().cast(pl.Int64).to_numpy())
        pools = pools.filter(~pl.col("pool").is_in(refused)).join(frame, on="pool", how="semi")
        return cls(frame, groups, pools, frame["exclusion"].is_null().to_numpy(), refusals)

    @property
    def money(self) -> Integers:
        """Each pool's fen."""
        return self.pools["pool_fen"].to_numpy()

    def paid_in_spite_of(self, exclusions: Iterable[Exclusion]) -> Flags:
        """Who is eligible or excluded for one of these reasons."""
        named = [exclusion.value for exclusion in exclusions]
        paid: Flags = self.is_in | self.frame["exclusion"].is_in(named).fill_null(False).to_numpy()
        return paid

    def figures(self, column: str, *, whose: Flags, part: str | None, may_be_negative: bool = False) -> Integers:
        """A column times ``SCALE``, 0 for everybody else; faults become refusals."""
        units, missing, outside = scaled(self.frame[column])
        self.refuse(missing & whose, RefusalReason.FIGURE_MISSING, part=part, column=column)
        if not may_be_negative:
            outside = outside | (units < 0)
        self.refuse(outside & whose, RefusalReason.FIGURE_OUTSIDE, part=part, column=column)
        return np.where(whose & ~outside, units, 0)

    def fen(self, column: str | None, *, part: str, otherwise: int) -> Integers:
        """A column of fen of those eligible; ``otherwise`` where there is none or for others."""
        if column is None:
            return np.full(self.frame.height, otherwise, np.int64)
        given = self.frame[column].cast(pl.Int64)
        outside = ((given < 0) | (given >= LARGEST)).fill_null(False).to_numpy()
        self.refuse(outside & self.is_in, RefusalReason.FIGURE_OUTSIDE, part=part, column=column)
        return np.where(self.is_in & ~outside, given.fill_null(otherwise).to_numpy(), otherwise)

    def presence(self, *, part: str | None) -> tuple[Integers, Integers]:
        """Months (or days) present, and those of the period, both times ``SCALE``; the period is one for a pool."""
        present = self.figures(PRESENT, whose=self.is_in, part=part)
        period = self.figures(PERIOD, whose=self.is_in, part=part)
        longest = np.maximum.reduceat(period, self.groups.starts)[self.groups.number] if len(period) else period
        odd = self.is_in & ((period != longest) | (period <= 0))
        self.refuse(odd, RefusalReason.FIGURE_OUTSIDE, part=part, column=PERIOD)
        self.refuse(self.is_in & (present > longest), RefusalReason.FIGURE_OUTSIDE, part=part, column=PRESENT)
        return present, np.maximum(longest, SCALE)

    def refuse(self, rows: Flags, reason: RefusalReason, *, part: str | None = None, column: str | None = None) -> None:
        """Refuses the pools of some rows, once for the same reason."""
        if rows.any():
            made = by_pool(self.frame.filter(rows), reason, part=part, column=column)
            self.refusals.extend(refusal for refusal in made if refusal not in self.refusals)

    def refuse_pool(self, number: int, reason: RefusalReason, *, part: str | None = None, **figures: int) -> None:
        """Refuses one pool."""
        pool = self.pools["pool"][int(number)]
        self.refusals.append(Refusal(pool=pool, reason=reason, part=part, figures=figures))

    def refuse_clash(self, number: int, clash: Clash, *, part: str, staff_keys: tuple[str, ...]) -> None:
        """Refuses one pool for what the kernel found, once for the same reason."""
        pool = self.pools["pool"][number]
        made = refusal_of(clash, pool=pool, part=part, staff_keys=staff_keys)
        if made not in self.refusals:
            self.refusals.append(made)

    def refused_pools(self) -> Flags:
        """Which groups are refused by now."""
        return self.pools["pool"].is_in({refusal.pool for refusal in self.refusals}).to_numpy()


def by_pool(
    rows: pl.DataFrame, reason: RefusalReason, *, part: str | None = None, column: str | None = None
) -> list[Refusal]:
    """One refusal for each pool that has rows, with the people it concerns."""
    whom = rows.group_by("pool").agg(pl.col("staff_key").unique().sort()).sort("pool")
    return [
        Refusal(pool=pool, reason=reason, part=part, column=column, staff_keys=tuple(keys))
        for pool, keys in whom.iter_rows()
    ]
