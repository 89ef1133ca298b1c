"""Routes of audit samples: announced, closed, drawn, followed by anybody, examined, and what they tell of schools."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from services.student_eval.archive_cancellations.opening import Opening
from services.student_eval.archive_samples import repository, service
from services.student_eval.archive_samples.examining import examine
from services.student_eval.archive_samples.reading import detail_of, rates
from services.student_eval.archive_samples.schemas import (
    DrawIn,
    ExamineIn,
    RatesOut,
    SampledDetail,
    SampledOut,
    SampleIn,
    SampleOut,
    VerifiedOut,
    sample_out,
    sampled_out,
)
from services.student_eval.archive_samples.tables import ArchiveSample, SampledRecord
from services.student_eval.permissions import PERMISSIONS
from shared.kernel.context import kernel_of
from shared.kernel.jobs.endpoints import JobOut, job_accepted
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.fields import OwnCode, SchoolCode
from shared.kernel.web.organizations import OrgCode, path_of
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/archive-samples", tags=["archive samples"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("archive_samples.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("archive_samples.write"))]
Examiner = Annotated[Actor, Depends(PERMISSIONS.requires("archive_samples.examine"))]
Code = Annotated[OwnCode, Path()]


@router.post("", status_code=201, summary="公布抽查与种子承诺 / Announce a sample with the hash of its seed")
async def announce_sample(body: SampleIn, response: Response, session: Session, actor: Writer) -> SampleOut:
    return _told(await service.announce(session, body=body, actor=actor), actor, response)


@router.get("", summary="抽查列表 / List samples")
async def list_samples(session: Session, actor: Reader, page: Paging) -> Page[SampleOut]:
    def present(row: ArchiveSample) -> SampleOut:
        return sample_out(row, actor)

    statement = repository.samples_of(actor)
    return Page(**await fetch_page(session, statement, page, key=[ArchiveSample.id], present=present))


@router.get("/{org}/{code}", summary="抽查 / Read a sample")
async def read_sample(org: OrgCode, code: Code, response: Response, session: Session, actor: Reader) -> SampleOut:
    return _told(await _sample(session, actor, org, code), actor, response)


@router.post(
    "/{org}/{code}:close-frame",
    status_code=202,
    response_model=JobOut,
    summary="封定抽查范围 / Close what can be drawn (If-Match)",
)
async def close_sample_frame(
    org: OrgCode, code: Code, request: Request, session: Session, actor: Writer
) -> JSONResponse:
    row = await _locked(session, actor, org, code, request)
    return job_accepted(request, await service.ask_closing(session, row=row, actor=actor))


@router.post("/{org}/{code}:draw", summary="公开种子抽取 / Tell the seed and draw, once (If-Match)")
async def draw_sample(
    org: OrgCode, code: Code, body: DrawIn, request: Request, response: Response, session: Session, actor: Writer
) -> SampleOut:
    row = await _locked(session, actor, org, code, request)
    row = await service.draw(session, kernel_of(request).columns, row=row, body=body, actor=actor)
    return _told(row, actor, response)


@router.get("/{org}/{code}/verification", summary="复核抽取 / Repeat the draw and compare")
async def verify_sample(org: OrgCode, code: Code, request: Request, session: Session, actor: Reader) -> VerifiedOut:
    row = await _sample(session, actor, org, code)
    differences = await service.verify(session, kernel_of(request).columns, row=row, actor=actor)
    return VerifiedOut(is_verified=not differences, differences=differences)


@router.get(
    "/{org}/{code}/schools/{school_code}/frame",
    response_class=Response,
    summary="抽查范围原文 / What can be drawn of a school, byte for byte as it was fingerprinted",
)
async def read_sample_frame(
    org: OrgCode, code: Code, school_code: SchoolCode, request: Request, session: Session, actor: Reader
) -> Response:
    row = await _sample(session, actor, org, code)
    text = await service.frame_text(kernel_of(request).columns, row=row, school_code=school_code, actor=actor)
    return Response(text, media_type="application/x-ndjson", headers={"Cache-Control": "private"})


@router.get("/{org}/{code}/records", summary="抽中的记录 / Records that were drawn")
async def list_sampled_records(
    org: OrgCode,
    code: Code,
    session: Session,
    actor: Examiner,
    page: Paging,
    school: Annotated[SchoolCode | None, Query(description="学校 / of one school")] = None,
) -> Page[SampledOut]:
    sample = await _sample(session, actor, org, code)
    statement = repository.sampled_of(actor, sample)
    if school is not None:
        statement = statement.where(SampledRecord.school_code == school)
    found = await fetch_page(session, statement, page, key=[SampledRecord.id], present=lambda row: row)
    said = await repository.examinations_of(session, actor, [row.id for row in found["items"]])
    items = [sampled_out(row, said[row.id], actor) for row in found["items"]]
    return Page(**{**found, "items": items})


@router.get("/{org}/{code}/records/{record_id}", summary="抽中的一条记录 / A drawn record with what it says")
async def read_sampled_record(
    org: OrgCode, code: Code, record_id: uuid.UUID, response: Response, session: Session, actor: Examiner
) -> SampledDetail:
    sample = await _sample(session, actor, org, code)
    row = await repository.sampled_record(session, actor, sample, record_id)
    response.headers["Cache-Control"] = "private"
    return await detail_of(session, sample=sample, row=row, actor=actor)


@router.post("/{org}/{code}/records/{record_id}:examine", summary="核查结论 / What was found of a record, once")
async def examine_record(
    org: OrgCode,
    code: Code,
    record_id: uuid.UUID,
    body: ExamineIn,
    session: Session,
    actor: Examiner,
    procedures: Opening,
) -> SampledOut:
    row = await examine(
        session,
        sample=await _sample(session, actor, org, code),
        record_id=record_id,
        outcome=body.outcome,
        reason=body.reason,
        procedures=procedures,
        actor=actor,
    )
    said = await repository.examinations_of(session, actor, [row.id])
    return sampled_out(row, said[row.id], actor)


@router.get("/{org}/{code}/rates", summary="各校不实比例 / Rates of false records by school")
async def read_sample_rates(org: OrgCode, code: Code, session: Session, actor: Reader) -> RatesOut:
    return await rates(session, sample=await _sample(session, actor, org, code), actor=actor)


async def _sample(session: Session, actor: Actor, org: str, code: str) -> ArchiveSample:
    return await repository.sample_by_code(session, actor, path_of(org), code)


async def _locked(session: Session, actor: Actor, org: str, code: str, request: Request) -> ArchiveSample:
    row = await repository.own_sample_for_update(session, actor, path_of(org), code)
    require_match(request, row.version)
    return row


def _told(row: ArchiveSample, actor: Actor, response: Response) -> SampleOut:
    response.headers["ETag"] = etag(row.version)
    return sample_out(row, actor)
