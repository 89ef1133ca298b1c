"""Routes of checklists of inspection."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from services.school_eval.checklists import repository, service
from services.school_eval.checklists.schemas import (
    ChecklistIn,
    ChecklistOut,
    PublishIn,
    VersionOut,
    VersionsOut,
    checklist_out,
    version_out,
)
from services.school_eval.checklists.tables import Checklist
from services.school_eval.permissions import PERMISSIONS
from shared.kernel.web.etag import etag, not_modified, require_match
from shared.kernel.web.fields import OwnCode
from shared.kernel.web.paging import Page, Paging, page_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/checklists", tags=["inspection"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("checklists.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("checklists.write"))]


@router.get("", summary="视导清单列表 / List checklists")
async def list_checklists(session: Session, actor: Reader, page: Paging) -> Page[ChecklistOut]:
    rows = await repository.all_checklists(session, actor)
    latest = await repository.latest_versions(session, actor, rows)
    shown = [checklist_out(row, latest.get(row.code)) for row in rows]
    return Page(**page_of(shown, page, key=lambda checklist: checklist.code))


@router.get("/{code}", response_model=ChecklistOut, summary="视导清单 / Read a checklist as it is worked on")
async def read_checklist(code: OwnCode, request: Request, response: Response, session: Session, actor: Reader) -> Any:
    row = await repository.checklist_by_code(session, actor, code)
    response.headers["ETag"] = etag(row.version)
    return not_modified(request, etag(row.version)) or await _shown(session, row, actor)


@router.put("/{code}", summary="写入视导清单草案 / Write the draft of a checklist (If-Match on a known one)")
async def put_checklist(
    code: OwnCode, body: ChecklistIn, request: Request, response: Response, session: Session, actor: Writer
) -> ChecklistOut:
    row = await repository.own_checklist_for_update(session, actor, code)
    if row is not None:
        require_match(request, row.version)
    row, is_new = await service.put_checklist(session, code=code, body=body, row=row, actor=actor)
    response.status_code = 201 if is_new else 200
    response.headers["ETag"] = etag(row.version)
    return await _shown(session, row, actor)


@router.post("/{code}:adopt", status_code=201, summary="采用内置清单 / Adopt a checklist that comes with the platform")
async def adopt_checklist(code: OwnCode, response: Response, session: Session, actor: Writer) -> ChecklistOut:
    if code not in service.built_in_checklists():
        raise DomainError("resource.not_found", params={"what": f"built-in checklist {code}"})
    row = await repository.own_checklist_for_update(session, actor, code)
    if row is None:
        body = ChecklistIn.model_validate(service.built_in_checklists()[code])
        row, _ = await service.put_checklist(session, code=code, body=body, row=None, actor=actor)
    else:  # adopted before, perhaps changed since: what the office made of it stays
        response.status_code = 200
    response.headers["ETag"] = etag(row.version)
    return await _shown(session, row, actor)


@router.post("/{code}:publish", status_code=201, summary="发布清单 / Publish the draft as a version (If-Match)")
async def publish_checklist(
    code: OwnCode, body: PublishIn, request: Request, session: Session, actor: Writer
) -> VersionOut:
    row = await repository.own_checklist_for_update(session, actor, code)
    if row is None:
        raise DomainError("resource.not_found", params={"what": f"checklist {code}"})
    require_match(request, row.version)
    return version_out(await service.publish(session, row=row, note=body.note, actor=actor))


@router.get("/{code}/versions", summary="已发布版本 / Published versions, newest first")
async def list_checklist_versions(code: OwnCode, session: Session, actor: Reader) -> VersionsOut:
    row = await repository.checklist_by_code(session, actor, code)
    return VersionsOut(items=[version_out(each) for each in await repository.versions_of(session, actor, row)])


@router.get("/{code}/versions/{number}", summary="已发布清单 / A published version: what a phone needs for a visit")
async def read_checklist_version(
    code: OwnCode, number: Annotated[int, Path(ge=1)], response: Response, session: Session, actor: Reader
) -> VersionOut:
    row = await repository.version_by_number(session, actor, code, number)
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return version_out(row)


async def _shown(session: Session, row: Checklist, actor: Actor) -> ChecklistOut:
    return checklist_out(row, (await repository.latest_versions(session, actor, [row])).get(row.code))
