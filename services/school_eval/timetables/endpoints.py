"""Routes of timetables."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from services.school_eval.permissions import PERMISSIONS
from services.school_eval.timetables import repository, service
from services.school_eval.timetables.schemas import (
    RulesOut,
    TimetableDetail,
    TimetableIn,
    TimetableOut,
    rules_out,
    timetable_detail,
    timetable_out,
)
from services.school_eval.timetables.tables import SchoolTimetable
from shared.kernel.web.etag import etag, not_modified, require_match
from shared.kernel.web.fields import SchoolYear
from shared.kernel.web.organizations import OrgCode, path_of
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/timetables", tags=["timetables"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("timetables.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("timetables.write"))]
Year = Annotated[SchoolYear, Path()]
Semester = Annotated[int, Path(ge=1, le=2)]


@router.get("/rules", summary="课程与时间规定 / What a class's week must hold, with sources")
async def read_rules(actor: Reader) -> RulesOut:
    del actor
    return rules_out()


@router.get("/{school_year}/{semester}", summary="课程表合规情况 / Schools' timetables and how they keep the rules")
async def list_timetables(
    school_year: Year, semester: Semester, session: Session, actor: Reader, page: Paging
) -> Page[TimetableOut]:
    statement = repository.timetables_of(actor, school_year, semester)
    return Page(**await fetch_page(session, statement, page, key=[SchoolTimetable.id], present=timetable_out))


@router.get(
    "/{school_year}/{semester}/{org}", response_model=TimetableDetail, summary="学校课程表 / A school's timetables"
)
async def read_timetable(
    school_year: Year,
    semester: Semester,
    org: OrgCode,
    request: Request,
    response: Response,
    session: Session,
    actor: Reader,
) -> Any:
    row = await repository.timetable_of(session, actor, school_year, semester, path_of(org))
    response.headers["ETag"] = etag(row.version)
    return not_modified(request, etag(row.version)) or timetable_detail(row)


@router.put("/{school_year}/{semester}/{org}", summary="写入学校课程表 / Write the weeks of every class (If-Match)")
async def put_timetable(
    school_year: Year,
    semester: Semester,
    org: OrgCode,
    body: TimetableIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Writer,
) -> TimetableDetail:
    if "-" not in org:
        raise DomainError("timetable.schools_only", params={"organization": org})
    row = await repository.timetable_for_update(session, actor, school_year, semester, path_of(org))
    if row is not None:
        require_match(request, row.version)
    row, is_new = await service.put_timetable(
        session, school_year=school_year, semester=semester, org_path=path_of(org), body=body, row=row, actor=actor
    )
    response.status_code = 201 if is_new else 200
    response.headers["ETag"] = etag(row.version)
    return timetable_detail(row)
