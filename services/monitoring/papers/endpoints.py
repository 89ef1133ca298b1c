"""Routes of papers: their items, as a body or as a two-way specification table."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from services.monitoring.exams.fields import SubjectCode
from services.monitoring.exams.repository import exam_by_code
from services.monitoring.exams.schemas import ExamCode
from services.monitoring.papers import repository, service
from services.monitoring.papers.schemas import (
    CorrectKeyIn,
    Format,
    PaperIn,
    PaperOut,
    PaperSummary,
    paper_out,
    paper_summary,
)
from services.monitoring.papers.specification import read_specification, specification_file
from services.monitoring.papers.tables import Paper
from services.monitoring.permissions import PERMISSIONS
from shared.kernel.web.etag import etag, not_modified
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kernel.web.upload import FILE_TYPES, UploadedFile
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/exams/{code}/papers", tags=["papers"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("papers.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("papers.write"))]
_TYPES = {name: media_type for media_type, name in FILE_TYPES.items()}
MarksFromOptions = Annotated[
    bool, Query(description="选择题得分由作答与答案得出 / marks of choice items follow from the key")
]


@router.get("", summary="试卷列表 / Papers of an exam")
async def list_papers(code: ExamCode, session: Session, actor: Reader, page: Paging) -> Page[PaperSummary]:
    exam = await exam_by_code(session, actor, code)
    statement = repository.papers_of(actor, exam)
    return Page(**await fetch_page(session, statement, page, key=[Paper.subject], present=paper_summary))


@router.get(
    "/{subject}:template",
    response_class=Response,
    summary="双向细目表模板 / Template of the specification table, filled in with what there is",
)
async def read_specification_template(
    code: ExamCode,
    subject: SubjectCode,
    session: Session,
    actor: Reader,
    format: Annotated[Format, Query()] = "xlsx",
) -> Response:
    exam = await exam_by_code(session, actor, code)
    full_mark = service.subject_of(exam, subject)["full_mark"]
    paper = await repository.find_paper(session, actor, exam, subject)
    items = paper.content["items"] if paper and service.disclosure(exam, actor).is_shown else []
    content = await asyncio.to_thread(specification_file, items, format, full_mark=full_mark)
    headers = {"Content-Disposition": f'attachment; filename="specification-{subject}.{format}"'}
    return Response(content, media_type=_TYPES[format], headers=headers)


@router.put(
    "/{subject}:specification",
    response_model=PaperOut,
    summary="上传双向细目表 / Send the two-way specification table",
    responses={201: {"model": PaperOut}},
)
async def put_specification(
    code: ExamCode,
    subject: SubjectCode,
    file: UploadedFile,
    session: Session,
    actor: Writer,
    response: Response,
    marks_from_options: MarksFromOptions = False,
) -> PaperOut:
    described = service.subject_of(await exam_by_code(session, actor, code), subject)
    content = await asyncio.to_thread(
        read_specification, file.path, file.format, described, marks_from_options=marks_from_options
    )
    exam = await service.exam_to_write(session, actor, code, subject)
    paper, is_new = await service.put_paper(session, exam=exam, subject=subject, content=content, actor=actor)
    return await _written(session, response, paper, code, is_new=is_new)


@router.put(
    "/{subject}", response_model=PaperOut, summary="登记试卷 / Register a paper", responses={201: {"model": PaperOut}}
)
async def put_paper(
    code: ExamCode, subject: SubjectCode, body: PaperIn, session: Session, actor: Writer, response: Response
) -> PaperOut:
    exam = await service.exam_to_write(session, actor, code, subject)
    content = service.paper_content(body, service.subject_of(exam, subject))
    paper, is_new = await service.put_paper(session, exam=exam, subject=subject, content=content, actor=actor)
    return await _written(session, response, paper, code, is_new=is_new)


@router.get("/{subject}", response_model=PaperOut, summary="查询试卷 / Read a paper")
async def read_paper(
    code: ExamCode, subject: SubjectCode, request: Request, response: Response, session: Session, actor: Reader
) -> Any:
    exam = await exam_by_code(session, actor, code)
    service.require_shown(exam, actor)
    paper = await repository.paper_of(session, actor, exam, subject)
    tag = etag(paper.version)
    response.headers["ETag"] = tag
    return not_modified(request, tag) or paper_out(paper, code)


@router.delete("/{subject}", status_code=204, response_class=Response, summary="删除试卷 / Remove a paper")
async def delete_paper(code: ExamCode, subject: SubjectCode, session: Session, actor: Writer) -> Response:
    exam = await service.exam_to_write(session, actor, code, subject)
    await service.remove_paper(session, exam=exam, subject=subject, actor=actor)
    return Response(status_code=204)


@router.post("/{subject}:correct-key", summary="更正答案 / Correct a key that was wrong")
async def correct_key(
    code: ExamCode, subject: SubjectCode, body: CorrectKeyIn, session: Session, actor: Writer, response: Response
) -> PaperOut:
    exam = await service.exam_to_write(session, actor, code, subject)
    paper = await service.correct_key(session, exam=exam, subject=subject, body=body, actor=actor)
    return await _written(session, response, paper, code, is_new=False)


async def _written(session: Session, response: Response, paper: Paper, code: str, *, is_new: bool) -> PaperOut:
    await session.refresh(paper)
    response.status_code = 201 if is_new else 200
    response.headers["ETag"] = etag(paper.version)
    return paper_out(paper, code)
