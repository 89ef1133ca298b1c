"""Schools."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from services.roster.exports import ExportFormat, export_answer
from services.roster.intake.collection import Intake
from services.roster.intake.fields import SchoolCode
from services.roster.intake.single import take_one
from services.roster.permissions import PERMISSIONS
from services.roster.query import UpdatedSince
from services.roster.schools.export import exported_schools
from services.roster.schools.repository import one_school, schools_of
from services.roster.schools.schemas import SchoolIn, SchoolOut
from services.roster.schools.service import SCHOOLS
from services.roster.schools.tables import School
from shared.kernel.context import kernel_of
from shared.kernel.web.etag import etag, not_modified
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor
from shared.terms.education import Stage

router = APIRouter(route_class=TransactionalRoute, prefix="/schools", tags=["schools"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("schools.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("schools.write"))]


def school_out(row: School) -> SchoolOut:
    """A school as readers get it."""
    return SchoolOut.model_validate(row, from_attributes=True)


@router.get("", summary="学校列表 / List schools")
async def list_schools(
    session: Session,
    actor: Reader,
    page: Paging,
    county_code: Annotated[str | None, Query(max_length=6)] = None,
    school_type: Annotated[str | None, Query(max_length=3)] = None,
    stage: Stage | None = None,
    updated_since: UpdatedSince = None,
) -> Page[SchoolOut]:
    statement = schools_of(
        actor, county_code=county_code, school_type=school_type, stage=stage, updated_since=updated_since
    )
    return Page(**await fetch_page(session, statement, page, key=[School.school_code], present=school_out))


@router.get(":export", summary="导出学校 / Export schools", response_class=Response)
async def export_schools(
    request: Request,
    session: Session,
    actor: Reader,
    format: ExportFormat = ExportFormat.PARQUET,
    county_code: Annotated[str | None, Query(max_length=6)] = None,
) -> Response:
    frame = await exported_schools(session, schools_of(actor, county_code=county_code))
    return await export_answer(request, frame, format, name="schools")


@router.get("/{school_code}", response_model=SchoolOut, summary="学校 / Read a school")
async def read_school(school_code: str, request: Request, response: Response, session: Session, actor: Reader) -> Any:
    row = await one_school(session, actor, school_code)
    response.headers["ETag"] = etag(row.version)
    return not_modified(request, etag(row.version)) or school_out(row)


@router.put("/{school_code}", response_model=SchoolOut, summary="写入学校 / Write a school")
async def write_school(
    school_code: SchoolCode, body: SchoolIn, request: Request, response: Response, session: Session, actor: Writer
) -> SchoolOut:
    intake = Intake(session, actor, kernel_of(request).settings)
    response.status_code = await take_one(intake, SCHOOLS, body, {"school_code": school_code})
    row = await one_school(session, actor, school_code)
    response.headers["ETag"] = etag(row.version)
    return school_out(row)
