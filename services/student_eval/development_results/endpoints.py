"""Routes of results: a class reported or a whole school, and what a pupil is told."""

import uuid
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse

from services.student_eval.development_records.repository import record_counts
from services.student_eval.development_results import repository
from services.student_eval.development_results.access import reading_of
from services.student_eval.development_results.schemas import (
    AdvicesOut,
    DevelopmentsOut,
    GrowthsOut,
    PupilGradesOut,
    ReportIn,
    ResultsOut,
    SchoolReportIn,
    TermDetailOut,
    result_out,
)
from services.student_eval.development_results.service import reading, reporting
from services.student_eval.development_results.service.asking import ask_report
from services.student_eval.development_results.shown import advice_out, checkpoints_out, growth_out, term_out
from services.student_eval.development_results.tables import PupilDevelopment
from services.student_eval.development_terms.endpoints import locked_term
from services.student_eval.development_terms.repository import term_by_id, terms_listing
from services.student_eval.development_terms.rules import require_near
from services.student_eval.development_terms.schemas import DevelopmentTermOut, StudentKey
from services.student_eval.development_terms.schemas import term_out as class_term_out
from services.student_eval.development_terms.tables import DevelopmentTerm
from services.student_eval.development_words.speakers import own_key
from services.student_eval.guardianships.access import as_own, own_pupil, reader_of
from services.student_eval.permissions import PERMISSIONS
from shared.kernel.audit.log import note
from shared.kernel.context import kernel_of
from shared.kernel.jobs.endpoints import JobOut, job_accepted
from shared.kernel.web.etag import etag
from shared.kernel.web.fields import SchoolYear
from shared.kernel.web.organizations import OrgCode, path_of
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kits.fields import ReasonIn
from shared.terms.actor import Actor

terms = APIRouter(route_class=TransactionalRoute, prefix="/development-terms/{term_id}", tags=["development"])
router = APIRouter(route_class=TransactionalRoute, prefix="/developments", tags=["development"])
Head = Annotated[Actor, Depends(PERMISSIONS.requires("developments.report"))]
Nearby = Annotated[Actor, Depends(PERMISSIONS.requires("developments.judge"))]
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("developments.read_pupils"))]
Own = Annotated[Actor, Depends(PERMISSIONS.requires("developments.read_own"))]


@terms.post(":report", summary="报告本班 / Report a class: its pupils are told (If-Match)")
async def report_term(
    term_id: uuid.UUID, body: ReportIn, request: Request, response: Response, session: Session, actor: Head
) -> DevelopmentTermOut:
    row = await locked_term(session, actor, term_id, request)
    report = reporting.Report(terms=[row], accept_reason=body.accept_reason, actor=actor)
    await reporting.report_terms(session, kernel_of(request).columns, report)
    response.headers["ETag"] = etag(row.version)
    return class_term_out(row)


@terms.post(":reopen", summary="重新评定 / Judge anew what was told, with a reason (If-Match)")
async def reopen_development_term(
    term_id: uuid.UUID, body: ReasonIn, request: Request, response: Response, session: Session, actor: Head
) -> DevelopmentTermOut:
    row = await locked_term(session, actor, term_id, request)
    await reporting.reopen(session, row=row, reason=body.reason, actor=actor)
    response.headers["ETag"] = etag(row.version)
    return class_term_out(row)


@terms.get("/grades", summary="班级学生等级 / Grades of a class's pupils, for its teachers and school")
async def list_grades(term_id: uuid.UUID, session: Session, actor: Nearby, page: Paging) -> Page[PupilGradesOut]:
    row = await term_by_id(session, actor, term_id)
    require_near(actor, row.teachers)
    note(session, actor, "development_term.grades_read", str(term_id))
    statement = repository.told_in(actor, term_id)

    def told(each: PupilDevelopment) -> PupilGradesOut:
        return PupilGradesOut(student_key=each.student_key, grades=each.grades)

    return Page(**await fetch_page(session, statement, page, key=[PupilDevelopment.student_key], present=told))


@terms.get("/results", summary="计算版本 / Every computation of a term, and what it rests on")
async def list_computations(term_id: uuid.UUID, session: Session, actor: Nearby) -> ResultsOut:
    row = await term_by_id(session, actor, term_id)
    require_near(actor, row.teachers)
    return ResultsOut(items=[result_out(each) for each in await repository.results_of(session, actor, row.id)])


@router.post(
    "/{school_year}/{org}:report",
    status_code=202,
    response_model=JobOut,
    summary="报告全校各班 / Report all classes of a school that are being judged",
)
async def report_school(
    school_year: Annotated[SchoolYear, Path()],
    org: OrgCode,
    body: SchoolReportIn,
    request: Request,
    session: Session,
    actor: Head,
) -> JSONResponse:
    job = await ask_report(
        session,
        org_path=path_of(org),
        school_year=school_year,
        semester=body.semester,
        accept_reason=body.accept_reason,
        actor=actor,
    )
    return job_accepted(request, job)


@router.get("/mine", summary="本人发展评价 / One's own grades, the last term first")
async def read_own_developments(session: Session, actor: Own) -> DevelopmentsOut:
    return await _developments(session, actor, own_key(actor))


@router.get("/students/{student_key}", summary="学生发展评价 / A pupil's grades against oneself, the last term first")
async def read_developments(student_key: StudentKey, session: Session, actor: Reader) -> DevelopmentsOut:
    return await _developments(session, actor, student_key)


@router.get(
    "/students/{student_key}/terms/{term_id}", summary="学期明细 / A term with every checkpoint and its sources"
)
async def read_term_detail(
    student_key: StudentKey, term_id: uuid.UUID, request: Request, session: Session, actor: Reader
) -> TermDetailOut:
    async with reading_of(session, actor, student_key) as reader:
        found = await reading.told_terms(session, reader.actor, student_key, teachers_only=reader.teachers_only)
        told = reading.term_of(found, term_id)
        sources = await reading.sources_of(session, kernel_of(request).columns, reader.actor, told)
    return TermDetailOut(**term_out(told).model_dump(), checkpoints=checkpoints_out(told, sources))


@router.get("/students/{student_key}/terms", summary="学生所在学期 / Terms a pupil is listed in")
async def list_terms_of_pupil(
    student_key: StudentKey, session: Session, actor: Reader, page: Paging
) -> Page[DevelopmentTermOut]:
    own = await own_pupil(session, actor, student_key)
    reader = await reader_of(session, actor, student_key) if own is None else await as_own(session, actor, own)
    statement = terms_listing(reader, student_key)
    return Page(**await fetch_page(session, statement, page, key=[DevelopmentTerm.id], present=class_term_out))


@router.get("/students/{student_key}/growth", summary="成长轨迹 / A pupil over the terms, against oneself")
async def read_growth(student_key: StudentKey, session: Session, actor: Reader) -> GrowthsOut:
    async with reading_of(session, actor, student_key) as reader:
        found = await reading.told_terms(session, reader.actor, student_key, teachers_only=reader.teachers_only)
    scheme = found[-1].term.scheme_code if found else None
    return GrowthsOut(student_key=student_key, scheme=scheme, items=growth_out(found) if found else [])


@router.get("/students/{student_key}/advice", summary="成长建议 / Advice drawn from own grades and records alone")
async def read_advice(student_key: StudentKey, session: Session, actor: Reader) -> AdvicesOut:
    async with reading_of(session, actor, student_key) as reader:
        found = await reading.told_terms(session, reader.actor, student_key, teachers_only=reader.teachers_only)
        if not found:
            return AdvicesOut(student_key=student_key, school_year=None, semester=None, items=[])
        told = found[-1]
        records: Mapping[str, int] = await record_counts(session, reader.actor, told.term.id, student_key)
    items = [advice_out(each, told.scheme) for each in reading.advised(told, records)]
    term = told.term
    return AdvicesOut(student_key=student_key, school_year=term.school_year, semester=term.semester, items=items)


async def _developments(session: Session, actor: Actor, student_key: str) -> DevelopmentsOut:
    async with reading_of(session, actor, student_key) as reader:
        found = await reading.told_terms(session, reader.actor, student_key, teachers_only=reader.teachers_only)
    return DevelopmentsOut(student_key=student_key, items=[term_out(told) for told in reversed(found)])
