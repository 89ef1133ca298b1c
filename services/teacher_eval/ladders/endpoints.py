"""Routes of ladders."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from services.teacher_eval.ladders import repository, service
from services.teacher_eval.ladders.schemas import (
    BuiltInOut,
    LadderChange,
    LadderDetail,
    LadderOut,
    ladder_out,
    version_out,
)
from services.teacher_eval.ladders.tables import Ladder
from services.teacher_eval.permissions import PERMISSIONS
from shared.kernel.web.etag import etag, not_modified, require_match
from shared.kernel.web.fields import OwnCode
from shared.kernel.web.paging import Page, Paging, page_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/ladders", tags=["ladders"])
built_in = APIRouter(route_class=TransactionalRoute, prefix="/built-in-ladders", tags=["ladders"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("ladders.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("ladders.write"))]
Code = Annotated[OwnCode, Path()]


@built_in.get("", summary="平台内置梯级 / Ladders that come with the platform")
async def list_built_in_ladders(session: Session, actor: Reader) -> list[BuiltInOut]:
    adopted = {row.code for row in await repository.all_ladders(session, actor)}
    return [
        BuiltInOut(**ladder.model_dump(), code=code, is_adopted=code in adopted)
        for code, ladder in service.built_in_ladders().items()
    ]


@router.get("", summary="培养梯级列表 / List ladders")
async def list_ladders(session: Session, actor: Reader, page: Paging) -> Page[LadderOut]:
    rows = await repository.all_ladders(session, actor)
    return Page(**page_of([ladder_out(row) for row in rows], page, key=lambda ladder: ladder.code))


@router.get("/{code}", response_model=LadderDetail, summary="培养梯级 / Read a ladder with its versions")
async def read_ladder(code: Code, request: Request, response: Response, session: Session, actor: Reader) -> Any:
    row = await repository.ladder_by_code(session, actor, code)
    if (known := not_modified(request, etag(row.version))) is not None:
        return known
    return await _detail(session, row, actor, response)


@router.post("/{code}:adopt", status_code=201, summary="采用内置梯级 / Adopt one that comes with the platform")
async def adopt_ladder(code: Code, response: Response, session: Session, actor: Writer) -> LadderDetail:
    return await _detail(session, await service.adopt_ladder(session, code=code, actor=actor), actor, response)


@router.put("/{code}", summary="写入培养梯级新版本 / Write a version of a ladder (If-Match on a known one)")
async def put_ladder(
    code: Code, body: LadderChange, request: Request, response: Response, session: Session, actor: Writer
) -> LadderDetail:
    row = await repository.own_ladder_for_update(session, actor, code)
    if row is not None:
        require_match(request, row.version)
    row, is_new = await service.put_ladder(session, code=code, body=body, reason=body.reason, row=row, actor=actor)
    response.status_code = 201 if is_new else 200
    return await _detail(session, row, actor, response)


async def _detail(session: Session, row: Ladder, actor: Actor, response: Response) -> LadderDetail:
    response.headers["ETag"] = etag(row.version)
    versions = [version_out(each) for each in await repository.versions_of(session, actor, row)]
    return LadderDetail(**ladder_out(row).model_dump(), versions=versions)
