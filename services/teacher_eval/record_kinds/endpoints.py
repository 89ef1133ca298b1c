"""Routes of the catalog of kinds of records."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.record_kinds import service
from services.teacher_eval.record_kinds.schemas import CatalogIn, CatalogOut
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/record-kinds", tags=["records"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("record_kinds.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("record_kinds.write"))]


@router.get("", summary="记录类别目录 / Kinds of records, tables of points and figures in force")
async def read_catalog(session: Session, actor: Reader) -> CatalogOut:
    return _out(await service.catalog_in_force(session, actor))


@router.put("", summary="发布记录类别目录 / Put a version of the bureau's own in force")
async def put_catalog(body: CatalogIn, session: Session, actor: Writer) -> CatalogOut:
    return _out(await service.publish(session, catalog=body.catalog, reason=body.reason, actor=actor))


def _out(found: service.InForce) -> CatalogOut:
    return CatalogOut(number=found.number, sha256=found.sha256, catalog=found.catalog)
