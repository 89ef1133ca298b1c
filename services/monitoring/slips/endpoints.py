"""The route of slips: what a school hands to one pupil and the guardians."""

import asyncio
from typing import Annotated

import polars as pl
from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from services.monitoring.exams.rules import analysis_plan
from services.monitoring.results.answers import PRIVATE, as_json, frames_of
from services.monitoring.results.frames import ResultFrames
from services.monitoring.results.parameters import StandingsReader, StandingsResults
from services.monitoring.slips.rules import slip_rows
from services.monitoring.slips.schemas import SlipLine, SlipOut
from shared.kernel.audit.log import note
from shared.kernel.web.route import Session, TransactionalRoute
from shared.policy.visibility import slip_disclosure
from shared.scoring.subjects import TOTAL
from shared.terms.education import stage_of_grade
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/exams", tags=["results"])
_TOTAL_NAMES = {"name_zh": "总分", "name_en": "Total"}


@router.get(
    "/{code}/results/slips/{candidate_id}",
    response_model=SlipOut,
    summary="学生成绩通知单 / What one pupil and the guardians are told (every reading is noted)",
)
async def read_slip(
    candidate_id: Annotated[str, Path(max_length=40)],
    request: Request,
    session: Session,
    actor: StandingsReader,
    reading: StandingsResults,
) -> Response:
    rows = await asyncio.to_thread(_rows, frames_of(request, reading), str(reading.visibility.own_school), candidate_id)
    if rows.is_empty():
        raise DomainError("resource.not_found", params={"what": "candidate"})
    exam = reading.exam
    disclosure, rule = slip_disclosure(stage_of_grade(exam.grade_level))
    names = {subject["code"]: subject for subject in exam.definition["subjects"]} | {TOTAL: _TOTAL_NAMES}
    lines = slip_rows(rows.iter_rows(named=True), analysis_plan(exam.definition), disclosure)
    body = SlipOut(
        exam=exam.code,
        name_zh=exam.definition["name_zh"],
        name_en=exam.definition["name_en"],
        version=reading.result_set.version,
        candidate_id=candidate_id,
        discloses=disclosure.value,
        rule={"id": rule.id, **rule.title},
        items=[
            SlipLine(**line, **{key: names[line["subject"]][key] for key in ("name_zh", "name_en")}) for line in lines
        ],
    )
    detail = {"version": body.version, "school_code": reading.visibility.own_school, "rows": 1}
    note(session, actor, "slip.read", exam.code, detail)
    return as_json(body, PRIVATE)


def _rows(frames: ResultFrames, school_code: str, candidate_id: str) -> pl.DataFrame:
    own = frames.scan("standings").filter(pl.col("school_code") == school_code, pl.col("candidate_id") == candidate_id)
    return own.select("subject", "mark", "status").collect()
