"""Sharing a county's pool among its schools: the total unchanged to the fen, every school told how."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.pay_clashes import clash_faults
from services.teacher_eval.pay_pools import repository
from services.teacher_eval.pay_pools.rules import LIFE, PoolState
from services.teacher_eval.pay_pools.schemas import DistributeIn, SchoolShareIn
from services.teacher_eval.pay_pools.service.pools import put_amount, require_free
from services.teacher_eval.pay_pools.sharing import SharedSchools, share_among_schools
from services.teacher_eval.pay_pools.tables import PayDistribution, PayPool
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.ids import new_id
from shared.kernel.store.columnar import ColumnarStore
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel, path_level, path_segments, school_path

LISTED = 20


async def distribute(
    session: AsyncSession,
    *,
    pool: PayPool,
    body: DistributeIn,
    store: ColumnarStore,
    is_dry_run: bool,
    actor: Actor,
) -> PayDistribution:
    """Shares a county's pool among its schools and sets a pool for each; done again, it supersedes their amounts.

    Args:
        session: the transaction.
        pool: the county's, locked.
        body: schools with what their shares are worked out from.
        store: keeps inputs and outcomes.
        is_dry_run: it is worked out and nothing is kept.
        actor: who distributes.

    Raises:
        DomainError: ``pay_pool.not_of_a_county``, ``pay_pool.schools_unknown``, ``pay_pool.schools_in_payment``,
            ``pay_pool.not_shared`` with the figures that clash, ``workflow.not_allowed``.
    """
    if path_level(pool.org_path) is not OrgLevel.COUNTY:
        raise DomainError("pay_pool.not_of_a_county", params={"pool": pool.code})
    state = LIFE.target("distribute", PoolState(pool.state))
    _require_schools(body)
    known = await repository.pools_given(session, actor, pool)
    _require_nobody_paid(known)
    shared = await asyncio.to_thread(share_among_schools, pool.code, pool.amount_fen, body.schools)
    if shared.refusals:
        raise DomainError("pay_pool.not_shared", faults=clash_faults(shared.refusals))
    row = await _row(session, pool, body, shared, store, actor)
    if is_dry_run:
        return row
    pool.state = state
    session.add(row)
    await session.flush()
    await _set_schools(session, pool, row, known, actor)
    await _keep_state(session, pool, row, actor)
    return row


def distribution_files(row: PayDistribution, pool: str) -> Mapping[str, str]:
    """The files that a distribution is checked by, worked out again from what it keeps. Blocks."""
    schools = [
        SchoolShareIn(
            school_code=each["school_code"],
            headcount=each["headcount"],
            coefficient=each["coefficient"],
            floor_fen=each["floor_fen"],
            cap_fen=each["cap_fen"],
        )
        for each in row.schools
    ]
    shared = share_among_schools(pool, row.amount_fen, schools)
    if shared.certificate is None or shared.certificate_content != row.certificate:
        raise ValueError(f"distribution {row.id} comes out differently")
    return shared.certificate.files()


def _require_schools(body: DistributeIn) -> None:
    codes = [school.school_code for school in body.schools]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise DomainError("pay_pool.schools_unknown", params={"schools": ", ".join(twice[:LISTED])})


def _require_nobody_paid(known: Mapping[str, PayPool]) -> None:
    paid = [path_segments(path)[3] for path, row in known.items() if PoolState(row.state) is not PoolState.SET]
    if paid:
        params = {"total": len(paid), "schools": ", ".join(sorted(paid)[:LISTED])}
        raise DomainError("pay_pool.schools_in_payment", params=params)


async def _row(
    session: AsyncSession, pool: PayPool, body: DistributeIn, shared: SharedSchools, store: ColumnarStore, actor: Actor
) -> PayDistribution:
    number = len(await repository.distributions_of(session, actor, pool)) + 1
    schools = [
        {
            "school_code": school.school_code,
            "headcount": str(school.headcount),
            "coefficient": str(school.coefficient),
            "floor_fen": school.floor_fen,
            "cap_fen": school.cap_fen,
            "amount_fen": shared.amounts[school.school_code],
        }
        for school in sorted(body.schools, key=lambda each: each.school_code)
    ]
    frame = pl.DataFrame(schools, infer_schema_length=None)
    inputs = await asyncio.to_thread(store.put, frame.drop("amount_fen"))
    outcomes = await asyncio.to_thread(store.put, frame.select("school_code", "amount_fen"))
    return PayDistribution(
        id=new_id(),
        org_path=pool.org_path,
        pool_id=pool.id,
        number=number,
        amount_number=pool.amount_number,
        amount_fen=pool.amount_fen,
        document=body.document,
        schools=schools,
        inputs_sha256=inputs.sha256,
        outcomes_sha256=outcomes.sha256,
        certificate=shared.certificate_content,
        distributed_by=actor.subject,
        distributed_at=clock.now(),
    )


async def _set_schools(
    session: AsyncSession, pool: PayPool, made: PayDistribution, known: Mapping[str, PayPool], actor: Actor
) -> None:
    """A pool for each school; a school that is no longer among them is left with nothing, by the same document."""
    county = path_segments(pool.org_path)[2]
    wanted = {school_path(county, each["school_code"]): each for each in made.schools}
    for path, school in wanted.items():
        row = known.get(path) or _new_pool(pool, path, school["school_code"], actor)
        if row.amount_number and row.amount_fen == school["amount_fen"]:
            continue
        if row.amount_number == 0:
            await require_free(session, row, actor)
        await _put(session, row, school["amount_fen"], made, actor)
    for path, row in known.items():
        if path not in wanted and row.amount_fen:
            await _put(session, row, 0, made, actor)


async def _put(session: AsyncSession, row: PayPool, amount_fen: int, made: PayDistribution, actor: Actor) -> None:
    await put_amount(
        session,
        row,
        amount_fen=amount_fen,
        document=made.document,
        reason=None,
        actor=actor,
        distribution_id=made.id,
    )


def _new_pool(pool: PayPool, path: str, school_code: str, actor: Actor) -> PayPool:
    return PayPool(
        code=f"{pool.code}-{school_code.lower()}",
        name=pool.name,
        org_path=path,
        version=0,
        kind=pool.kind,
        school_year=pool.school_year,
        first_month=pool.first_month,
        last_month=pool.last_month,
        state=PoolState.SET,
        amount_number=0,
        source_pool_id=pool.id,
        source_code=pool.code,
        created_by=actor.subject,
    )


async def _keep_state(session: AsyncSession, pool: PayPool, made: PayDistribution, actor: Actor) -> None:
    pool.version += 1
    await session.flush()
    told: dict[str, Any] = {"number": made.number, "schools": len(made.schools), "amount_fen": made.amount_fen}
    note(session, actor, "pay_pool.distributed", pool.code, told)
