"""What is put right after payment: entries that add up to nothing, never a rerun (SCORING §11).

An entry above 0 is owed to its account, below 0 owed by it. Paid amounts stay as they were paid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import polars as pl

from shared.scoring.allocation.allocate import Allocation, allocate
from shared.scoring.allocation.plan import PayPlan
from shared.scoring.allocation.refusals import Refusal
from shared.scoring.allocation.sharing import share_money


class Account(StrEnum):
    """Whose an entry is."""

    PERSON = "person"
    RESERVE = "reserve"
    """Money that was kept back for such cases."""
    NEXT_POOL = "next_pool"
    """The next period's pool of the kind."""


class CounterAccount(StrEnum):
    """What a correction is booked against."""

    RESERVE = "reserve"
    NEXT_POOL = "next_pool"
    OTHERS = "others"
    """The other people of the pool."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; ``staff_key`` of a person's account only."""

    account: Account
    staff_key: str | None
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Booking:
    """Entries of one correction, adding up to 0, the person's first; or why they cannot be made."""

    entries: tuple[Entry, ...] = ()
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """What other figures would have paid.

    Args:
        staff_key: whose figures.
        paid_fen: what was paid.
        due_fen: what would have been.
        changes: ``staff_key``, ``paid_fen``, ``due_fen``, ``change_fen`` of everybody in the pool.
        kept_change_fen: by how much more the pool would have kept; changes and this add up to 0.
        refusals: why the pool could not have been shared by these figures; nothing else counts then.
    """

    staff_key: str
    paid_fen: int
    due_fen: int
    changes: pl.DataFrame
    kept_change_fen: int
    refusals: tuple[Refusal, ...] = ()

    @property
    def owed_fen(self) -> int:
        """What the person is owed; below 0: was paid too much."""
        return self.due_fen - self.paid_fen


def booking(amount_fen: int, *, pool: str, staff_key: str, against: CounterAccount, paid: Mapping[str, int]) -> Booking:
    """Entries for an amount that was decided.

    Args:
        amount_fen: what the person is owed; below 0: what is taken back.
        pool: the pool it was paid from.
        staff_key: the person.
        against: who bears it. The others do in proportion to what they were paid, and nobody more than that.
        paid: what everybody of the pool was paid, by staff key.

    Returns:
        The entries; refused where the others were not paid so much.
    """
    own = Entry(Account.PERSON, staff_key, amount_fen)
    if against is not CounterAccount.OTHERS:
        return Booking((own, Entry(Account(against.value), None, -amount_fen)))
    others = {key: fen for key, fen in sorted(paid.items()) if key != staff_key}
    members = pl.DataFrame(
        {"staff_key": list(others), "weight": list(others.values())}, {"staff_key": pl.String, "weight": pl.Int64}
    ).with_columns(pool=pl.lit(pool))
    if amount_fen > 0:
        members = members.with_columns(cap_fen="weight")
    money = pl.DataFrame({"pool": [pool], "money_fen": [abs(amount_fen)]}, {"pool": pl.String, "money_fen": pl.Int64})
    made = share_money(members, money)
    if made.refusals:
        return Booking(refusals=made.refusals)
    sign = -1 if amount_fen > 0 else 1
    shares = made.shares.filter(pl.col("amount_fen") > 0).select("staff_key", "amount_fen").iter_rows()
    return Booking((own, *(Entry(Account.PERSON, key, sign * fen) for key, fen in shares)))


def correction(
    plan: PayPlan,
    members: pl.DataFrame,
    allocation: Allocation,
    *,
    pool: str,
    staff_key: str,
    figures: Mapping[str, Any],
) -> Correction:
    """What the pool would have paid with other figures of one person, to the fen.

    Args:
        plan: the plan it was shared by.
        members: as they went into the allocation.
        allocation: what was paid.
        pool: the pool.
        staff_key: the person.
        figures: the right figures, by column of ``members``.

    Raises:
        LookupError: if nobody of that key was paid in the pool.
    """
    here = pl.col("pool") == pool
    paid = allocation.payments.filter(here)
    before = dict(paid.select("staff_key", "amount_fen").iter_rows())
    if staff_key not in before:
        raise LookupError(f"nobody of that key was paid in {pool}")
    own = pl.col("staff_key") == staff_key
    mended = members.filter(here).with_columns(
        pl.when(own).then(pl.lit(value, members.schema[name])).otherwise(pl.col(name)).alias(name)
        for name, value in figures.items()
    )
    whole = allocation.pools.filter(here)
    made = allocate(plan, whole.select("pool", "pool_fen"), mended)
    if made.refusals:
        return Correction(staff_key, before[staff_key], before[staff_key], pl.DataFrame(), 0, made.refusals)
    after = made.payments.select("staff_key", pl.col("amount_fen").alias("due_fen"))
    changes = paid.select("staff_key", pl.col("amount_fen").alias("paid_fen")).join(after, on="staff_key")
    changes = changes.with_columns(change_fen=pl.col("due_fen") - pl.col("paid_fen")).sort("staff_key")
    [due] = changes.filter(own)["due_fen"]
    kept = int(made.pools["kept_fen"].sum()) - int(whole["kept_fen"].sum())
    return Correction(staff_key, before[staff_key], due, changes, kept)


def correction_booking(found: Correction, *, pool: str, against: CounterAccount) -> Booking:
    """Entries of a correction.

    Args:
        found: the correction.
        pool: the pool.
        against: who bears it. The others do by exactly what each of them would have been paid less or more.
    """
    if found.refusals:
        return Booking(refusals=found.refusals)
    if against is not CounterAccount.OTHERS:
        return booking(found.owed_fen, pool=pool, staff_key=found.staff_key, against=against, paid={})
    rows = found.changes.filter(pl.col("change_fen") != 0).select("staff_key", "change_fen").iter_rows()
    entries = [Entry(Account.PERSON, key, fen) for key, fen in rows if key != found.staff_key]
    kept = [Entry(Account.RESERVE, None, found.kept_change_fen)] if found.kept_change_fen else []
    return Booking((Entry(Account.PERSON, found.staff_key, found.owed_fen), *entries, *kept))


def balances(entries: pl.DataFrame) -> pl.DataFrame:
    """What every account is owed: ``account``, ``staff_key``, ``balance_fen``, sorted; accounts that are even stay in.

    Args:
        entries: ``account``, ``staff_key`` (null but for persons), ``amount_fen``.

    Raises:
        ValueError: if the entries do not add up to 0.
    """
    if entries["amount_fen"].sum() != 0:
        raise ValueError("entries of a ledger add up to nothing")
    made = entries.group_by("account", "staff_key").agg(balance_fen=pl.col("amount_fen").sum())
    return made.sort("account", "staff_key")
