"""Booking corrections after a payment, and settling them with the next one. Never a rerun: what was paid stays."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.pay_clashes import clash_faults
from services.teacher_eval.pay_ledger import repository
from services.teacher_eval.pay_ledger.rules import settlement
from services.teacher_eval.pay_ledger.schemas import EffectIn
from services.teacher_eval.pay_ledger.tables import PayEntry
from services.teacher_eval.pay_plans.document import PlanDocument
from services.teacher_eval.pay_pools.repository import pool_by_code
from services.teacher_eval.pay_runs.core_plan import part_names
from services.teacher_eval.pay_runs.inputs import COUNTS, CREDIT, DEBIT, PERIOD, POINTS, PRESENT, STAFF_KEY
from services.teacher_eval.pay_runs.rules import SHOWN, RunState
from services.teacher_eval.pay_runs.sharing import plan_for, share
from services.teacher_eval.pay_runs.tables import PayRun
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.ids import new_id
from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.allocation.ledger import Booking, CounterAccount, Entry, booking, correction, correction_booking
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


async def book_correction(
    session: AsyncSession,
    *,
    run: PayRun,
    staff_key: str,
    effect: EffectIn,
    document: PlanDocument,
    reason: str,
    store: ColumnarStore,
    actor: Actor,
    appeal_id: uuid.UUID | None = None,
) -> tuple[uuid.UUID, Sequence[Entry]]:
    """Books what one person is owed after all, against the school's next pool or the others of the payment.

    Args:
        session: the transaction.
        run: the payment that is put right.
        staff_key: whose.
        effect: the amount, or the figures with which the payment would have been right.
        document: the plan it was paid by.
        reason: why; kept.
        store: holds what the run was worked out from.
        actor: who books.
        appeal_id: the appeal that was upheld.

    Returns:
        The booking and its entries, which add up to 0.

    Raises:
        DomainError: ``pay_ledger.not_paid``, ``pay_ledger.person_unknown``, ``pay_ledger.nothing_to_book``,
            ``pay_run.refused`` where the plan cannot be carried out with the corrected figures.
    """
    if RunState(run.state) not in SHOWN:
        raise DomainError("pay_ledger.not_paid", params={"number": run.number, "state": run.state})
    kind = (await pool_by_code(session, actor, run.pool_code)).kind
    await repository.hold_ledger(session, run.org_path, kind)
    inputs = await asyncio.to_thread(store.get, run.inputs_sha256)
    if staff_key not in inputs[STAFF_KEY]:
        raise DomainError("pay_ledger.person_unknown", params={"staff_key": staff_key})
    against = effect.against or document.appeal_account
    made = await asyncio.to_thread(_made, run, document, inputs, staff_key, effect, against)
    if made.refusals:
        faults = clash_faults(made.refusals, part_names(document))
        raise DomainError("pay_run.refused", params={"count": len(faults)}, faults=faults)
    entries = made.entries
    if not entries[0].amount_fen:
        raise DomainError("pay_ledger.nothing_to_book")
    booked = await _book(session, entries, run=run, kind=kind, reason=reason, appeal_id=appeal_id, actor=actor)
    told = {"run": str(run.id), "entries": len(entries), "against": against, "appeal": str(appeal_id or "-")}
    note(session, actor, "pay_ledger.booked", str(booked), told)
    return booked, entries


async def settle_carried(session: AsyncSession, *, run: PayRun, store: ColumnarStore, actor: Actor) -> None:
    """Balances that a payment carried are even with it."""
    carried = await carried_of(run, store)
    entries = settlement(carried)
    if not entries:
        return
    kind = (await pool_by_code(session, actor, run.pool_code)).kind
    await repository.hold_ledger(session, run.org_path, kind)
    reason = f"随 {run.pool_code} 发放结清 / settled with the payment of {run.pool_code}"
    booked = await _book(session, entries, run=run, kind=kind, reason=reason, appeal_id=None, actor=actor)
    note(session, actor, "pay_ledger.settled", str(booked), {"run": str(run.id), "people": len(carried)})


async def carried_of(run: PayRun, store: ColumnarStore) -> Mapping[str, int]:
    """Balances that a run carries, by person."""
    frame = await asyncio.to_thread(store.get, run.inputs_sha256, [STAFF_KEY, CREDIT, DEBIT])
    return {key: credit - debit for key, credit, debit in frame.iter_rows() if credit != debit}


def _made(
    run: PayRun,
    document: PlanDocument,
    inputs: pl.DataFrame,
    staff_key: str,
    effect: EffectIn,
    against: CounterAccount,
) -> Booking:
    """The entries: of an amount that was decided, or of what other figures would have paid. Blocks."""
    figures = {} if effect.amount_fen is not None else _figures(inputs, effect)
    allocation = share(run.pool_code, run.amount_fen, document, inputs).allocation
    if effect.amount_fen is not None:
        paid = dict(allocation.payments.select(STAFF_KEY, "amount_fen").iter_rows())
        return booking(effect.amount_fen, pool=run.pool_code, staff_key=staff_key, against=against, paid=paid)
    plan = plan_for(document, inputs)
    found = correction(plan, inputs, allocation, pool=run.pool_code, staff_key=staff_key, figures=figures)
    return correction_booking(found, pool=run.pool_code, against=against)


def _figures(inputs: pl.DataFrame, effect: EffectIn) -> Mapping[str, Decimal]:
    """The right figures by column of a run's inputs.

    Raises:
        DomainError: ``pay_ledger.figure_unknown`` for what the plan does not ask, or more months than there are.
    """
    figures: dict[str, Decimal] = {POINTS + key: value for key, value in effect.points.items()}
    figures |= {COUNTS + key: value for key, value in effect.counts.items()}
    if effect.months_present is not None:
        months = int(inputs[PERIOD][0])
        if effect.months_present > months:
            raise DomainError("pay_ledger.figure_unknown", params={"names": f"months_present > {months}"})
        figures[PRESENT] = effect.months_present
    unknown = sorted(set(figures) - set(inputs.columns))
    if unknown:
        raise DomainError("pay_ledger.figure_unknown", params={"names": ", ".join(unknown)})
    return figures


async def _book(
    session: AsyncSession,
    entries: Sequence[Entry],
    *,
    run: PayRun,
    kind: str,
    reason: str,
    appeal_id: uuid.UUID | None,
    actor: Actor,
) -> uuid.UUID:
    if sum(entry.amount_fen for entry in entries):
        raise ValueError("entries of a booking add up to 0")
    booking, at = new_id(), clock.now()
    session.add_all(
        PayEntry(
            org_path=run.org_path,
            booking_id=booking,
            kind=kind,
            account=entry.account,
            staff_key=entry.staff_key,
            amount_fen=entry.amount_fen,
            run_id=run.id,
            appeal_id=appeal_id,
            reason=reason,
            booked_by=actor.subject,
            booked_at=at,
        )
        for entry in entries
    )
    await session.flush()
    return booking
