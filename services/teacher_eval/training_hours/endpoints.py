"""Routes of hours of training."""

import datetime as dt
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query

from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.staff_register.repository import staff_by_key
from services.teacher_eval.training_hours import service
from services.teacher_eval.training_hours.schemas import HoursBoardOut, HoursOut
from services.teacher_eval.whole_person import own_key
from shared.kernel.web.fields import StaffKey
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/training-hours", tags=["trainings"])
Own = Annotated[Actor, Depends(PERMISSIONS.requires("development.read_own"))]
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("training_participants.read"))]
On = Annotated[dt.date | None, Query(description="所在周期的任一日期 / any day of the period; today if not given")]
By = Annotated[Literal["county_code", "school_code", "stages", "is_rural"], Query()]


@router.get("", summary="培训学时统计 / Hours by group, over everybody on active staff")
async def read_hours_board(session: Session, actor: Reader, by: By = "county_code", on: On = None) -> HoursBoardOut:
    return await service.hours_board(session, by=by, on=on, actor=actor)


@router.get("/mine", summary="本人培训学时 / The caller's own hours")
async def read_own_hours(session: Session, actor: Own, on: On = None) -> HoursOut:
    return await service.hours_of(session, staff_key=own_key(actor), on=on, actor=actor)


@router.get("/{staff_key}", summary="教职工培训学时 / Hours of a member of staff")
async def read_hours(
    staff_key: Annotated[StaffKey, Path()], session: Session, actor: Reader, on: On = None
) -> HoursOut:
    await staff_by_key(session, actor, staff_key)
    return await service.hours_of(session, staff_key=staff_key, on=on, actor=actor)
