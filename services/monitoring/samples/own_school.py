"""Routes for a school: whether it was drawn, and which of its pupils."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from services.monitoring.exams.repository import exam_by_code
from services.monitoring.exams.schemas import ExamCode
from services.monitoring.permissions import PERMISSIONS
from services.monitoring.samples.schemas import DrawnPupilOut, LookupIn, LookupOut, OwnSchoolOut
from services.monitoring.samples.service.own_school import look_up, note_reading, own_pupils
from shared.kernel.context import kernel_of
from shared.kernel.web.paging import Page, Paging
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/exams/{code}/sample", tags=["samples"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("drawn_pupils.read"))]
#: Lists of pupils are kept by nobody: every reading is asked for, and noted.
PRIVATE = "private, no-store"


@router.get("/own-school", summary="本校是否被抽中 / Whether the own school was drawn")
async def read_own_school(code: ExamCode, request: Request, session: Session, actor: Reader) -> OwnSchoolOut:
    exam = await exam_by_code(session, actor, code)
    pupils = await own_pupils(session, kernel_of(request), exam=exam, actor=actor)
    if pupils is None:
        return OwnSchoolOut(is_drawn=False, drawn_pupils=0, classes={})
    classes = {name or "": count for name, count in pupils.group_by("class_code").len().sort("class_code").iter_rows()}
    return OwnSchoolOut(is_drawn=True, drawn_pupils=pupils.height, classes=classes)


@router.get("/drawn-pupils", summary="本校被抽学生 / Drawn pupils of the own school (every reading is noted)")
async def list_drawn_pupils(
    code: ExamCode, request: Request, session: Session, actor: Reader, page: Paging, response: Response
) -> Page[DrawnPupilOut]:
    exam = await exam_by_code(session, actor, code)
    pupils = await own_pupils(session, kernel_of(request), exam=exam, actor=actor)
    if pupils is None:
        raise DomainError("resource.not_found", params={"what": f"drawn pupils of exam {code}"})
    # By place and not by pseudonym: a cursor stands in addresses and logs.
    start = int(page.after[0]) if page.after and str(page.after[0]).isdecimal() else 0
    rows = pupils.slice(start, page.size)
    more = start + page.size < pupils.height
    response.headers["Cache-Control"] = PRIVATE
    note_reading(session, actor, exam, rows=rows.height)
    items = [DrawnPupilOut(**row) for row in rows.iter_rows(named=True)]
    return Page(items=items, next_cursor=page.cursor([start + page.size]) if more else None)


@router.post("/drawn-pupils:lookup", summary="按学籍号查询是否被抽中 / Look pupils up by number (every one is noted)")
async def look_up_drawn_pupils(
    code: ExamCode, body: LookupIn, request: Request, session: Session, actor: Reader, response: Response
) -> LookupOut:
    exam = await exam_by_code(session, actor, code)
    response.headers["Cache-Control"] = PRIVATE
    numbers = body.student_numbers
    return LookupOut(items=await look_up(session, kernel_of(request), exam=exam, actor=actor, student_numbers=numbers))
