"""The ledger in the database: entries are added, balances are summed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import Select, func, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.pay_ledger.tables import PayEntry
from shared.kernel.database.repository import visible
from shared.scoring.allocation.ledger import Account
from shared.terms.actor import Actor

_HOLD = text("select pg_advisory_xact_lock(hashtextextended(:place, 10))")


async def hold_ledger(session: AsyncSession, org_path: str, kind: str) -> None:
    """Until commit nobody else books into a school's ledger of a kind."""
    await session.execute(_HOLD, {"place": f"{org_path}{kind}"})


def entries_of(actor: Actor, *, kind: str | None = None, run_id: uuid.UUID | None = None) -> Select[PayEntry]:
    """Entries within the actor's organization, filtered."""
    conditions = [PayEntry.kind == kind if kind else None, PayEntry.run_id == run_id if run_id else None]
    return visible(PayEntry, actor).where(*(each for each in conditions if each is not None))


async def balances(session: AsyncSession, actor: Actor, org_path: str, kind: str) -> Mapping[str, int]:
    """What each person is owed, in fen (less than 0: owes), without those who are even."""
    e = PayEntry
    total = func.sum(e.amount_fen)
    statement = (
        entries_of(actor, kind=kind)
        .where(e.org_path == org_path, e.account == Account.PERSON)
        .with_only_columns(e.staff_key, total)
        .group_by(e.staff_key)
        .having(total != 0)
        .order_by(e.staff_key)
    )
    return {str(key): int(amount) for key, amount in (await session.execute(statement)).all()}


async def account_totals(session: AsyncSession, actor: Actor, org_path: str, kind: str) -> Mapping[str, int]:
    """What stands on each account, in fen; all of them add up to 0."""
    e = PayEntry
    statement = (
        entries_of(actor, kind=kind)
        .where(e.org_path == org_path)
        .with_only_columns(e.account, func.sum(e.amount_fen))
        .group_by(e.account)
    )
    return {str(account): int(amount) for account, amount in (await session.execute(statement)).all()}


async def entries_of_person(session: AsyncSession, actor: Actor, staff_key: str) -> Sequence[PayEntry]:
    """A person's entries, oldest first."""
    statement = visible(PayEntry, actor).where(PayEntry.staff_key == staff_key)
    return (await session.scalars(statement.order_by(PayEntry.booked_at, PayEntry.id))).all()
