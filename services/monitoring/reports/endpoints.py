"""Routes of subject quality reports."""

import asyncio
from dataclasses import replace
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from services.monitoring.exams.schemas import ExamCode
from services.monitoring.permissions import PERMISSIONS
from services.monitoring.reports import service, suggestions
from services.monitoring.reports.printing.document import printed_report
from services.monitoring.reports.printing.template import REPORT
from services.monitoring.reports.rules import MOST_CLASSES, ReportLevel, Scope, report_scope, require_pupils_shown
from services.monitoring.reports.schemas import ReportOut
from services.monitoring.results.answers import PRIVATE, as_json, cache_headers, frames_of, unchanged
from services.monitoring.results.parameters import Key, Version
from services.monitoring.results.service import read as results
from services.monitoring.results.service.read import Reading
from shared.kernel.printing.cache import PrintedReports, content_key
from shared.kernel.printing.typesetter import PRINTERS, typeset
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/exams", tags=["reports"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("reports.read"))]
Subject = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,39}$", examples=["maths"])]
Level = Annotated[ReportLevel, Query(description="报告对象；teacher 须给出所教班级 / teacher: name the classes taught")]
Pupils = Annotated[
    bool, Query(description="一并列出需要帮助的学生，仅限本校教师 / pupils to help too, the own school's teachers only")
]
PDF = "application/pdf"
Classes = Annotated[list[str] | None, Query(alias="class_code", max_length=MOST_CLASSES)]


async def _read(code: ExamCode, session: Session, actor: Reader, version: Version = None) -> Reading:
    return await results.open_results(session, code=code, actor=actor, version=version)


Results = Annotated[Reading, Depends(_read)]


def _scope(
    reading: Results,
    level: Level,
    classes: Classes = None,
    county_code: Key = None,
    school_code: Key = None,
) -> Scope:
    return report_scope(
        level, reading.visibility, county_code=county_code, school_code=school_code, class_codes=classes or ()
    )


Groups = Annotated[Scope, Depends(_scope)]


def _asked(
    subject: Subject, request: Request, reading: Results, scope: Groups, pupils: Pupils = False
) -> service.Asked:
    if pupils:
        require_pupils_shown(reading.visibility, scope)
    return service.Asked(
        frames=frames_of(request, reading), reading=reading, scope=scope, subject=subject, names={}, with_pupils=pupils
    )


Asked = Annotated[service.Asked, Depends(_asked)]


@router.get(
    "/{code}/reports/{subject}:pdf",
    response_class=Response,
    responses={200: {"description": "学科质量报告 / the report", "content": {PDF: {}}}},
    summary="学科质量报告（PDF） / Quality report of a subject as PDF",
)
async def print_report(request: Request, session: Session, actor: Reader, asked: Asked) -> Response:
    asked = await _completed(session, actor, asked)
    headers = _headers(request, actor, asked)
    if answer := _known(request, headers):
        return answer
    report = await asyncio.to_thread(service.make_report, asked)
    pdf = await _printed(request, asked, report)
    _note(session, actor, asked, report)
    name = quote(f"{asked.reading.exam.code}-{report['version']}-{asked.subject}-{asked.scope.level.value}.pdf")
    return Response(pdf, media_type=PDF, headers=headers | {"Content-Disposition": f"inline; filename*=utf-8''{name}"})


@router.get("/{code}/reports/{subject}", response_model=ReportOut, summary="学科质量报告 / Quality report of a subject")
async def read_report(request: Request, session: Session, actor: Reader, asked: Asked) -> Response:
    asked = await _completed(session, actor, asked)
    headers = _headers(request, actor, asked)
    if answer := _known(request, headers):
        return answer
    report = await asyncio.to_thread(service.make_report, asked)
    _note(session, actor, asked, report)
    return as_json(report, headers)


async def _completed(session: Session, actor: Actor, asked: service.Asked) -> service.Asked:
    names = await service.require_scope(session, asked.reading, actor, asked.scope)
    sheet = await service.own_item_sheet(session, asked.reading, actor, subject=asked.subject)
    return replace(asked, names=names, item_sheet=sheet)


async def _printed(request: Request, asked: service.Asked, report: service.Document) -> bytes:
    """The PDF of a report; one that names pupils is kept by nobody."""
    state, printed_at = request.app.state, int(asked.reading.result_set.published_at.timestamp())
    if not hasattr(state, "printed_reports"):
        state.printed_reports = PrintedReports()
    held, key = state.printed_reports, None if asked.with_pupils else content_key(REPORT, report)
    pdf: bytes | None = held.get(key) if key is not None else None
    if pdf is None:
        # Printing has threads of its own: pages that wait for their turn must not keep others from reading.
        loop = asyncio.get_running_loop()
        pdf = await loop.run_in_executor(
            PRINTERS, lambda: typeset(REPORT, printed_report(report), timestamp=printed_at)
        )
        if key is not None:
            held.put(key, pdf)
    return pdf


def _headers(request: Request, actor: Actor, asked: service.Asked) -> dict[str, str]:
    if asked.with_pupils:
        return dict(PRIVATE)
    files = (f"{name} {file['sha256']}" for name, file in asked.reading.files.items())
    sheet = asked.item_sheet[0] if asked.item_sheet is not None else ""
    return cache_headers(
        request, actor, asked.reading.result_set.version, *files, sheet, suggestions.digest(), REPORT.digest
    )


def _known(request: Request, headers: dict[str, str]) -> Response | None:
    return unchanged(request, headers) if "ETag" in headers else None


def _note(session: Session, actor: Actor, asked: service.Asked, report: service.Document) -> None:
    if asked.with_pupils:
        service.note_pupils(session, asked.reading, actor, scope=asked.scope, report=report)
