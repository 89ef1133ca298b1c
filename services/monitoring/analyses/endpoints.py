"""Routes of analyses."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse

from services.monitoring.analyses import repository, service
from services.monitoring.analyses.schemas import AnalysisDetail, AnalysisOut, analysis_detail, analysis_out
from services.monitoring.analyses.tables import Analysis
from services.monitoring.exams.repository import exam_by_code, exam_for_update
from services.monitoring.exams.schemas import ExamCode
from services.monitoring.permissions import PERMISSIONS
from shared.kernel.jobs.endpoints import JobOut, job_accepted
from shared.kernel.web.etag import etag, not_modified
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/exams", tags=["analyses"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("analyses.read"))]
Runner = Annotated[Actor, Depends(PERMISSIONS.requires("analyses.run"))]


@router.post(
    "/{code}:analyze", status_code=202, response_model=JobOut, summary="分析 / Freeze the inputs and analyze them"
)
async def analyze_exam(code: ExamCode, request: Request, session: Session, actor: Runner) -> JSONResponse:
    exam = await exam_for_update(session, actor, code)
    _, job = await service.ask_analysis(session, exam=exam, actor=actor)
    return job_accepted(request, job)


@router.get("/{code}/analyses", summary="分析记录 / List analyses")
async def list_analyses(code: ExamCode, session: Session, actor: Reader, page: Paging) -> Page[AnalysisOut]:
    exam = await exam_by_code(session, actor, code)
    statement = repository.analyses_of(actor, exam)
    return Page(**await fetch_page(session, statement, page, key=[Analysis.number], present=analysis_out))


@router.get("/{code}/analyses/{number}", response_model=AnalysisDetail, summary="查询分析 / Read an analysis")
async def read_analysis(
    code: ExamCode,
    number: Annotated[int, Path(ge=1, le=2**31)],
    request: Request,
    response: Response,
    session: Session,
    actor: Reader,
) -> Any:
    exam = await exam_by_code(session, actor, code)
    analysis = await repository.analysis_by_number(session, actor, exam, number)
    tag = etag(f"{analysis.id}-{analysis.state}")
    response.headers["ETag"] = tag
    return not_modified(request, tag) or analysis_detail(analysis)
