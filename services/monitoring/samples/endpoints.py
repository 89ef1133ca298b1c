"""Routes of samples: design, close the frame, draw, replace, verify; and what a school is told of its own part."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from services.monitoring.exams.repository import exam_by_code, exam_for_update
from services.monitoring.exams.schemas import ExamCode
from services.monitoring.permissions import PERMISSIONS
from services.monitoring.samples import repository
from services.monitoring.samples.schemas import (
    DrawIn,
    DrawnSchoolOut,
    PreviewOut,
    ReplaceIn,
    SampleDesignIn,
    SampleOut,
    VerificationOut,
    sample_out,
)
from services.monitoring.samples.service.design import preview, put_design
from services.monitoring.samples.service.draw import draw_sample, verify
from services.monitoring.samples.service.frame import FramePart, ask_closing, frame_text
from services.monitoring.samples.service.replace import replace_school
from services.monitoring.samples.service.schools import drawn_schools
from shared.kernel.context import kernel_of
from shared.kernel.jobs.endpoints import JobOut, job_accepted
from shared.kernel.web.etag import etag
from shared.kernel.web.paging import Page, Paging, page_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/exams/{code}", tags=["samples"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("samples.read"))]
Designer = Annotated[Actor, Depends(PERMISSIONS.requires("samples.design"))]
Drawer = Annotated[Actor, Depends(PERMISSIONS.requires("samples.draw"))]
Icc = Annotated[float, Query(ge=0, le=1, description="校间方差占比 / share of variance between schools")]
Sd = Annotated[float, Query(gt=0, description="学生间标准差 / standard deviation of pupils; 1: in standard deviations")]


@router.put("/sample-design", summary="制定抽样方案 / Design the sample", responses={201: {"model": SampleOut}})
async def put_sample_design(
    code: ExamCode, body: SampleDesignIn, session: Session, actor: Designer, response: Response
) -> SampleOut:
    exam = await exam_for_update(session, actor, code)
    sample, is_new = await put_design(session, exam=exam, body=body, actor=actor)
    response.status_code = 201 if is_new else 200
    response.headers["ETag"] = etag(sample.version)
    return sample_out(sample, code)


@router.get("/sample-design:preview", summary="预期精度 / Expected precision of the design")
async def preview_sample_design(
    code: ExamCode, request: Request, session: Session, actor: Reader, icc: Icc, sd: Sd = 1.0
) -> PreviewOut:
    exam = await exam_by_code(session, actor, code)
    sample = await repository.sample_of(session, actor, exam)
    return await preview(sample, kernel_of(request).columns, icc=icc, sd=sd)


@router.get("/sample", summary="查询抽样 / Read the sample")
async def read_sample(code: ExamCode, session: Session, actor: Reader, response: Response) -> SampleOut:
    exam = await exam_by_code(session, actor, code)
    sample = await repository.sample_of(session, actor, exam)
    response.headers["ETag"] = etag(sample.version)
    return sample_out(sample, code)


@router.post(
    "/sample:close-frame", status_code=202, response_model=JobOut, summary="封定抽样框 / Close the sampling frame"
)
async def close_sample_frame(code: ExamCode, request: Request, session: Session, actor: Drawer) -> JSONResponse:
    exam = await exam_for_update(session, actor, code)
    return job_accepted(request, await ask_closing(session, exam=exam, actor=actor))


@router.get(
    "/sample/frame:download",
    response_class=Response,
    summary="下载抽样框 / The closed frame; its SHA-256 is the fingerprint",
)
async def download_frame(
    code: ExamCode, request: Request, session: Session, actor: Drawer, part: FramePart = FramePart.SCHOOLS
) -> Response:
    exam = await exam_by_code(session, actor, code)
    sample = await repository.sample_of(session, actor, exam)
    text = await frame_text(session, kernel_of(request).columns, sample, part, actor=actor, exam_code=code)
    return Response(text, media_type="application/x-ndjson", headers={"Cache-Control": "private, no-store"})


@router.post("/sample:draw", status_code=201, summary="抽取 / Draw with the seed given after the frame was closed")
async def draw(code: ExamCode, body: DrawIn, request: Request, session: Session, actor: Drawer) -> SampleOut:
    exam = await exam_for_update(session, actor, code)
    return sample_out(await draw_sample(session, kernel_of(request).columns, exam=exam, body=body, actor=actor), code)


@router.get("/sample/schools", summary="样本学校 / Schools of the draw")
async def list_drawn_schools(
    code: ExamCode, request: Request, session: Session, actor: Reader, page: Paging
) -> Page[DrawnSchoolOut]:
    exam = await exam_by_code(session, actor, code)
    sample = await repository.sample_of(session, actor, exam)
    rows = await drawn_schools(sample, kernel_of(request).columns)
    return Page(**page_of(rows, page, key=lambda row: row.school_code))


@router.post("/sample:replace", summary="启用替补学校 / Put a replacement in a school's place")
async def replace(code: ExamCode, body: ReplaceIn, request: Request, session: Session, actor: Drawer) -> SampleOut:
    exam = await exam_for_update(session, actor, code)
    store = kernel_of(request).columns
    return sample_out(await replace_school(session, store, exam=exam, body=body, actor=actor), code)


@router.get("/sample:verify", summary="复验抽取 / Repeat the draw and compare")
async def verify_sample(code: ExamCode, request: Request, session: Session, actor: Reader) -> VerificationOut:
    exam = await exam_by_code(session, actor, code)
    sample = await repository.sample_of(session, actor, exam)
    differences = await verify(sample, kernel_of(request).columns)
    return VerificationOut(is_verified=not differences, differences=list(differences))
