"""Routes of pools."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.teacher_eval.pay_pools import repository
from services.teacher_eval.pay_pools.rules import PoolKind
from services.teacher_eval.pay_pools.schemas import (
    AmountIn,
    DistributeIn,
    DistributionOut,
    PoolDetail,
    PoolIn,
    PoolOut,
    TotalsOut,
    amount_out,
    distribution_out,
    pool_out,
    total_out,
)
from services.teacher_eval.pay_pools.service import distributing
from services.teacher_eval.pay_pools.service import pools as service
from services.teacher_eval.pay_pools.tables import PayPool
from services.teacher_eval.pay_runs.certifying import archive_of
from services.teacher_eval.permissions import PERMISSIONS
from shared.kernel.context import kernel_of
from shared.kernel.web.etag import etag, not_modified, require_match
from shared.kernel.web.fields import OwnCode, SchoolYear
from shared.kernel.web.paging import Page, Paging, fetch_page, page_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/pay-pools", tags=["performance pay"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("pay_pools.read"))]
Setter = Annotated[Actor, Depends(PERMISSIONS.requires("pay_pools.set"))]
Counter = Annotated[Actor, Depends(PERMISSIONS.requires("pay_totals.read"))]
Code = Annotated[OwnCode, Path()]
DryRun = Annotated[bool, Query(description="只试算，不保存 / work it out only")]


@router.get("", summary="绩效总额列表 / List pools")
async def list_pay_pools(
    session: Session,
    actor: Reader,
    page: Paging,
    kind: Annotated[PoolKind | None, Query()] = None,
    school_year: Annotated[SchoolYear | None, Query()] = None,
) -> Page[PoolOut]:
    statement = repository.pools_of(actor, kind=kind, school_year=school_year)
    return Page(**await fetch_page(session, statement, page, key=[PayPool.code], present=pool_out))


@router.put(
    "/{code}",
    summary="设定总额 / Set a pool; its amount is superseded later, never edited",
    responses={201: {"model": PoolDetail}},
)
async def set_pay_pool(code: Code, body: PoolIn, response: Response, session: Session, actor: Setter) -> PoolDetail:
    row, is_new = await service.set_pool(session, code=code, body=body, actor=actor)
    response.status_code = 201 if is_new else 200
    return await _detail(session, row, actor, response)


@router.get("/{code}", response_model=PoolDetail, summary="总额 / Read a pool with every amount it had")
async def read_pay_pool(code: Code, request: Request, response: Response, session: Session, actor: Reader) -> Any:
    row = await repository.pool_by_code(session, actor, code)
    return not_modified(request, etag(row.version)) or await _detail(session, row, actor, response)


@router.post("/{code}:supersede", summary="以文件更改总额 / Another amount in force, by a document (If-Match)")
async def supersede_pay_pool(
    code: Code, body: AmountIn, request: Request, response: Response, session: Session, actor: Setter
) -> PoolDetail:
    row = await repository.pool_for_update(session, actor, code)
    require_match(request, row.version)
    row = await service.supersede_amount(session, row=row, body=body, actor=actor)
    return await _detail(session, row, actor, response)


@router.post("/{code}:distribute", summary="县级总额分到学校 / Share a county's pool among its schools, to the fen")
async def distribute_pay_pool(
    code: Code, body: DistributeIn, request: Request, session: Session, actor: Setter, dry_run: DryRun = False
) -> DistributionOut:
    row = await repository.pool_for_update(session, actor, code)
    store = kernel_of(request).columns
    made = await distributing.distribute(session, pool=row, body=body, store=store, is_dry_run=dry_run, actor=actor)
    return distribution_out(made, code, is_dry_run=dry_run)


@router.get("/{code}/distributions", summary="历次分配 / How a county's pool was shared")
async def list_pay_distributions(code: Code, session: Session, actor: Setter, page: Paging) -> Page[DistributionOut]:
    row = await repository.pool_by_code(session, actor, code)
    made = [distribution_out(each, code) for each in await repository.distributions_of(session, actor, row)]
    return Page(**page_of(made, page, key=lambda each: f"{each.number:06d}"))


@router.get(
    "/{code}/distributions/{number}/bundle",
    response_class=Response,
    summary="分配核验包 / A distribution's certificate with what it is checked by",
)
async def download_pay_distribution_bundle(
    code: Code, number: Annotated[int, Path(ge=1)], session: Session, actor: Setter
) -> Response:
    pool = await repository.pool_by_code(session, actor, code)
    row = await repository.distribution_by_number(session, actor, pool, number)
    content = archive_of(await asyncio.to_thread(distributing.distribution_files, row, code))
    headers = {"Content-Disposition": f'attachment; filename="pay-distribution-{code}-{number}.zip"'}
    return Response(content, media_type="application/zip", headers=headers)


totals = APIRouter(route_class=TransactionalRoute, prefix="/pay-totals", tags=["performance pay"])


@totals.get("/{school_year}", summary="总额汇总 / Pools of a year by county, kind and level")
async def read_pay_totals(school_year: Annotated[SchoolYear, Path()], session: Session, actor: Counter) -> TotalsOut:
    found = await repository.totals_of_year(session, actor, school_year)
    return TotalsOut(school_year=school_year, items=[total_out(each) for each in found])


async def _detail(session: Session, row: PayPool, actor: Actor, response: Response) -> PoolDetail:
    await session.refresh(row)
    response.headers["ETag"] = etag(row.version)
    amounts = await repository.amounts_of(session, actor, row)
    return PoolDetail(**pool_out(row).model_dump(), amounts=[amount_out(each) for each in amounts])
