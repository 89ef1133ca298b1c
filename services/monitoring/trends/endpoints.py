"""The route of trends."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from services.monitoring.results.answers import frames_of
from services.monitoring.results.frames import ResultFrames
from services.monitoring.results.parameters import Key, Reader
from services.monitoring.results.reading import read_rows
from services.monitoring.results.service.read import Reading
from services.monitoring.trends.rules import Place, change, trend_point
from services.monitoring.trends.schemas import TrendChange, TrendOut, TrendPoint
from services.monitoring.trends.service import published_readings
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/trends", tags=["results"])


@router.get("", summary="历次考试趋势 / A group's figures over exams")
async def read_trend(
    request: Request,
    session: Session,
    actor: Reader,
    subject: Annotated[str, Query(max_length=40, examples=["total"])],
    county_code: Key = None,
    school_code: Key = None,
    class_code: Key = None,
    kind: Annotated[str | None, Query(max_length=60)] = None,
    grade_level: Annotated[int | None, Query(ge=1, le=12)] = None,
) -> TrendOut:
    if class_code is not None and school_code is None:
        raise DomainError("results.school_needed")
    place = Place(county_code=county_code, school_code=school_code, class_code=class_code)
    readings = await published_readings(session, actor, kind=kind, grade_level=grade_level)
    asked = [(reading, frames_of(request, reading)) for reading in readings]
    points = [p for p in await asyncio.to_thread(_points, asked, place, subject) if p is not None]
    found = change(points)
    return TrendOut(
        level=place.level,
        county_code=county_code,
        school_code=school_code,
        class_code=class_code,
        subject=subject,
        items=[TrendPoint(**point) for point in points],
        change=TrendChange(**found) if found else None,
    )


def _points(asked: list[tuple[Reading, ResultFrames]], place: Place, subject: str) -> list[dict[str, Any] | None]:
    points = []
    for reading, frames in asked:
        rows, _ = read_rows(frames, reading.question("summary", {"subject": subject}))
        point = trend_point(rows, place, subject=subject)
        exam = reading.exam
        described = {
            "exam": exam.code,
            "name_zh": exam.definition["name_zh"],
            "name_en": exam.definition["name_en"],
            "kind": exam.kind,
            "held_on": exam.held_on,
            "school_year": exam.school_year,
            "version": reading.result_set.version,
        }
        points.append(None if point is None else described | point)
    return points
