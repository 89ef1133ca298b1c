"""Routes of reports: of a term, of a school year, of the whole archive; as JSON and as PDF."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from services.student_eval.archive_reports.printing.document import printed_report
from services.student_eval.archive_reports.printing.template import ARCHIVE
from services.student_eval.archive_reports.rules import kinds_of, terms_of
from services.student_eval.archive_reports.schemas import ReportOut, report_out
from services.student_eval.archive_terms.repository import newest_term_of
from services.student_eval.archives.log import archive_of
from services.student_eval.archives.whole import Student
from services.student_eval.permissions import PERMISSIONS
from shared.kernel.audit.log import note
from shared.kernel.printing.cache import content_key
from shared.kernel.printing.typesetter import PRINTERS, typeset
from shared.kernel.web.etag import etag, not_modified
from shared.kernel.web.fields import SchoolYear
from shared.kernel.web.route import Session, TransactionalRoute
from shared.policy.student_archives import archive_policy
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/archives", tags=["archives"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("archives.read"))]
PDF = "application/pdf"
_PDF_ANSWER: dict[int | str, dict[str, Any]] = {200: {"description": "综合素质档案 / the report", "content": {PDF: {}}}}
#: The same content gives the same bytes, whenever it is printed.
_TIMESTAMP = 0


async def _report(
    student_key: Student,
    session: Session,
    actor: Reader,
    term: Annotated[str | None, Query(pattern=r"^\d{4}-\d{4}-[12]$", description="学期 / a semester")] = None,
    school_year: Annotated[SchoolYear | None, Query(description="学年 / a school year")] = None,
) -> ReportOut:
    archive, policy = await archive_of(session, actor, student_key), archive_policy()
    terms = terms_of(archive.state, term=term, school_year=school_year)
    if not actor.is_person(student_key):
        note(session, actor, "archive.report_read", student_key, {"terms": terms})
    return report_out(
        archive,
        await newest_term_of(session, actor, student_key),
        terms=terms,
        is_whole=term is None and school_year is None,
        kinds=kinds_of(archive.state, terms, policy),
        policy=policy,
    )


Report = Annotated[ReportOut, Depends(_report)]


@router.get("/{student_key}/report", summary="学期、学年或毕业报告 / Report of a term, a year, or the whole")
async def read_archive_report(report: Report, response: Response) -> ReportOut:
    response.headers["Cache-Control"] = "private, no-cache"
    return report


@router.get(
    "/{student_key}/report:pdf",
    response_class=Response,
    responses=_PDF_ANSWER,
    summary="学期、学年或毕业报告（PDF） / The report as PDF",
)
async def print_archive_report(report: Report, request: Request) -> Response:
    content = printed_report(report)
    tag = etag(content_key(ARCHIVE, content))
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    if (known := not_modified(request, tag)) is not None:
        return known
    loop = asyncio.get_running_loop()
    pdf = await loop.run_in_executor(PRINTERS, lambda: typeset(ARCHIVE, content, timestamp=_TIMESTAMP))
    headers["Content-Disposition"] = 'inline; filename="archive.pdf"'
    return Response(pdf, media_type=PDF, headers=headers)
