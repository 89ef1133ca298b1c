"""Classes."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from services.roster.classes.repository import classes_of, one_class
from services.roster.classes.schemas import ClassIn, ClassOut
from services.roster.classes.service import CLASSES
from services.roster.classes.tables import SchoolClass
from services.roster.intake.collection import Intake
from services.roster.intake.fields import ClassCode, SchoolCode, SchoolYear
from services.roster.intake.single import take_one
from services.roster.permissions import PERMISSIONS
from services.roster.query import GradeFilter, SchoolFilter, UpdatedSince, YearFilter
from shared.kernel.context import kernel_of
from shared.kernel.web.etag import etag, not_modified
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/classes", tags=["classes"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("classes.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("classes.write"))]
_KEY = [SchoolClass.school_code, SchoolClass.school_year, SchoolClass.class_code]


def class_out(row: SchoolClass) -> ClassOut:
    """A class as readers get it."""
    return ClassOut.model_validate(row, from_attributes=True)


@router.get("", summary="班级列表 / List classes")
async def list_classes(
    session: Session,
    actor: Reader,
    page: Paging,
    school_code: SchoolFilter = None,
    school_year: YearFilter = None,
    grade_level: GradeFilter = None,
    updated_since: UpdatedSince = None,
) -> Page[ClassOut]:
    statement = classes_of(
        actor, school_code=school_code, school_year=school_year, grade_level=grade_level, updated_since=updated_since
    )
    return Page(**await fetch_page(session, statement, page, key=_KEY, present=class_out))


@router.get("/{school_code}/{school_year}/{class_code}", response_model=ClassOut, summary="班级 / Read a class")
async def read_class(
    school_code: str,
    school_year: str,
    class_code: str,
    request: Request,
    response: Response,
    session: Session,
    actor: Reader,
) -> Any:
    row = await one_class(session, actor, (school_code, school_year, class_code))
    response.headers["ETag"] = etag(row.version)
    return not_modified(request, etag(row.version)) or class_out(row)


@router.put("/{school_code}/{school_year}/{class_code}", response_model=ClassOut, summary="写入班级 / Write a class")
async def write_class(
    school_code: SchoolCode,
    school_year: SchoolYear,
    class_code: ClassCode,
    body: ClassIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Writer,
) -> ClassOut:
    intake = Intake(session, actor, kernel_of(request).settings)
    key = {"school_code": school_code, "school_year": school_year, "class_code": class_code}
    response.status_code = await take_one(intake, CLASSES, body, key)
    row = await one_class(session, actor, (school_code, school_year, class_code))
    response.headers["ETag"] = etag(row.version)
    return class_out(row)
