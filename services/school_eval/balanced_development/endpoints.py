"""Routes of balanced development."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from services.school_eval.balanced_development.schemas import (
    CountiesBalanceOut,
    SchoolsBalancePage,
    counties_out,
    school_codes,
    schools_out,
)
from services.school_eval.balanced_development.service import balance_of
from services.school_eval.permissions import PERMISSIONS
from shared.kernel.context import kernel_of
from shared.kernel.web.fields import OwnCode
from shared.kernel.web.paging import Paging
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(
    route_class=TransactionalRoute, prefix="/campaigns/{code}/balanced-development", tags=["balanced-development"]
)
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("results.read"))]
Analyst = Annotated[Actor, Depends(PERMISSIONS.requires("results.analyze"))]
Code = Annotated[OwnCode, Path()]
Unmet = Annotated[bool, Query(description="只列未达标的学校 / only schools that fall short")]


@router.get("", summary="优质均衡：县域达标与校际差异系数 / Counties: standards met, and how far schools differ")
async def read_counties(code: Code, request: Request, session: Session, actor: Analyst) -> CountiesBalanceOut:
    return counties_out(await balance_of(session, code=code, actor=actor, store=kernel_of(request).columns))


@router.get("/schools", summary="优质均衡：学校七项指标 / Schools: the seven resource indicators")
async def list_schools(
    code: Code, request: Request, session: Session, actor: Reader, page: Paging, unmet: Unmet = False
) -> SchoolsBalancePage:
    balance = await balance_of(session, code=code, actor=actor, store=kernel_of(request).columns)
    after = page.after[0] if page.after else ""
    codes = [school for school in school_codes(balance, unmet=unmet) if school > after]
    return SchoolsBalancePage(
        campaign=code,
        school_year=balance.campaign.school_year,
        items=schools_out(balance, codes[: page.size]),
        next_cursor=page.cursor([codes[page.size - 1]]) if len(codes) > page.size else None,
    )
