"""Routes of one's own data: what is held, taking it away, who has read it."""

import asyncio
import json
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.student_eval.ages import StudentKey
from services.student_eval.guardianships.access import require_own
from services.student_eval.own_data import repository
from services.student_eval.own_data.gathering import everything, reading_objects
from services.student_eval.own_data.package import package_of
from services.student_eval.own_data.schemas import OwnDataOut, ReadingsOut, own_data_out, reading_out
from services.student_eval.permissions import PERMISSIONS
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.context import kernel_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/own-data/{student_key}", tags=["own data"])
Person = Annotated[Actor, Depends(PERMISSIONS.requires("own_data.read"))]


@router.get("", summary="本系统保存的本人数据 / What is held about a pupil, kind by kind")
async def read_own_data(student_key: StudentKey, request: Request, session: Session, actor: Person) -> OwnDataOut:
    own = await require_own(session, actor, student_key)
    return own_data_out(student_key, await everything(session, kernel_of(request).columns, actor, own))


@router.get("/export", response_class=Response, summary="导出本人数据 / Take away everything that is held (noted)")
async def export_own_data(student_key: StudentKey, request: Request, session: Session, actor: Person) -> Response:
    own = await require_own(session, actor, student_key)
    held = await everything(session, kernel_of(request).columns, actor, own)
    content = await asyncio.to_thread(package_of, student_key, held, clock.now())
    detail = {"side": own.side, "rows": sum(len(rows) for rows in held.values())}
    note(session, actor, "own_data.exported", student_key, detail)
    headers = {"Content-Disposition": 'attachment; filename="own-data.zip"', "Cache-Control": "private, no-store"}
    return Response(content, media_type="application/zip", headers=headers)


@router.get("/readings", summary="谁读过本人数据 / Who has read a pupil's data: role, organization, when, what")
async def list_readings(
    student_key: StudentKey,
    request: Request,
    session: Session,
    actor: Person,
    before: Annotated[int | None, Query(ge=1, description="从此编号继续 / go on from this number")] = None,
    most: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ReadingsOut:
    own = await require_own(session, actor, student_key)
    objects = await reading_objects(session, kernel_of(request).columns, actor, own)
    found = await repository.readings_of(session, student_key, objects, before=before, most=most)
    items = [reading_out(record, json.loads(record.payload), student_key) for record in found]
    return ReadingsOut(items=items, next_before=found[-1].seq if len(found) == most else None)
