"""Routes of subject quality reports."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from services.monitoring.exams.schemas import ExamCode
from services.monitoring.permissions import PERMISSIONS
from services.monitoring.reports import service, suggestions
from services.monitoring.reports.rules import MOST_CLASSES, ReportLevel, Scope, report_scope
from services.monitoring.reports.schemas import ReportOut
from services.monitoring.results.answers import as_json, cache_headers, frames_of, unchanged
from services.monitoring.results.parameters import Key, Version
from services.monitoring.results.service import read as results
from services.monitoring.results.service.read import Reading
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/exams", tags=["reports"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("reports.read"))]
Subject = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,39}$", examples=["maths"])]
Level = Annotated[ReportLevel, Query(description="报告对象；teacher 须给出所教班级 / teacher: name the classes taught")]
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


Asked = Annotated[Scope, Depends(_scope)]


@router.get("/{code}/reports/{subject}", response_model=ReportOut, summary="学科质量报告 / Quality report of a subject")
async def read_report(
    subject: Subject, request: Request, session: Session, actor: Reader, reading: Results, scope: Asked
) -> Response:
    names = await service.require_scope(session, reading, actor, scope)
    headers = cache_headers(request, actor, *_content(reading))
    if answer := unchanged(request, headers):
        return answer
    document = await asyncio.to_thread(service.make_report, frames_of(request, reading), reading, scope, subject, names)
    return as_json(document, headers)


def _content(reading: Reading) -> tuple[str, ...]:
    files = (f"{name} {file['sha256']}" for name, file in reading.files.items())
    return (reading.result_set.version, *files, suggestions.digest())
