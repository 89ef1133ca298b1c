"""Routes of a whole archive: graduation, sealing, release, correction, verification."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.student_eval.ages import age_of
from services.student_eval.archives import repository
from services.student_eval.archives.chain import breaks_of, head_of
from services.student_eval.archives.log import Archive, archive_of, chain_of
from services.student_eval.archives.schemas import (
    ArchiveOut,
    BreakOut,
    ChainOut,
    CheckedOut,
    OrderIn,
    RecordOut,
    ReleaseIn,
    SealedOut,
    TextIn,
    VerifiedCorrectionIn,
    archive_out,
    entry_out,
    record_out,
    sealed_out,
)
from services.student_eval.archives.service import corrections, sealing
from services.student_eval.enrolled import OpenRoster, roster_opener
from services.student_eval.permissions import PERMISSIONS
from shared.kernel.audit.log import note
from shared.kernel.context import kernel_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.policy.student_archives import archive_policy
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/archives", tags=["archives"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("archives.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("archives.write"))]
Guide = Annotated[Actor, Depends(PERMISSIONS.requires("archives.guide"))]
Checker = Annotated[Actor, Depends(PERMISSIONS.requires("archives.check"))]
Sealer = Annotated[Actor, Depends(PERMISSIONS.requires("archives.seal"))]
Student = Annotated[str, Path(pattern=r"^[a-z2-7]{26}$")]


async def _age(
    student_key: Student,
    body: ReleaseIn,
    request: Request,
    actor: Sealer,
    open_roster: Annotated[OpenRoster, Depends(roster_opener)],
) -> int | None:
    """Asked where consent is, before the transaction opens."""
    del actor
    return None if body.use == "admission" else await age_of(request, open_roster, student_key)


AgeForRelease = Annotated[int | None, Depends(_age)]


@router.get("/{student_key}", summary="综合素质档案 / An archive as it stands")
async def read_archive(student_key: Student, session: Session, actor: Reader) -> ArchiveOut:
    archive = await archive_of(session, actor, student_key)
    _note(session, actor, student_key)
    return _told(archive)


@router.get("/{student_key}/chain", summary="档案全部记载 / Every entry of an archive")
async def read_chain(student_key: Student, session: Session, actor: Reader) -> ChainOut:
    archive = await archive_of(session, actor, student_key)
    _note(session, actor, student_key)
    return ChainOut(items=[entry_out(entry) for entry in archive.entries])


@router.get("/{student_key}/integrity", summary="档案校验 / Whether an archive holds")
async def check_integrity(student_key: Student, session: Session, actor: Reader) -> CheckedOut:
    _, entries = await chain_of(session, actor, student_key)
    sealed = await repository.sealed_rows(session, student_key)
    breaks = [*breaks_of(entries), *repository.package_breaks(entries, sealed)]
    return CheckedOut(
        holds=not breaks,
        entries=len(entries),
        sealed_versions=len(sealed),
        head_sha256=head_of(entries),
        breaks=[BreakOut(number=each.number, reason=each.reason) for each in breaks],
    )


@router.put("/{student_key}/statement", summary="学生自我陈述 / The pupil's statement")
async def write_statement(student_key: Student, body: TextIn, session: Session, actor: Writer) -> ArchiveOut:
    return _told(await sealing.write_statement(session, actor, student_key, body.text))


@router.put("/{student_key}/comment", summary="教师评语 / The teacher's comment")
async def write_comment(student_key: Student, body: TextIn, session: Session, actor: Guide) -> ArchiveOut:
    return _told(await sealing.write_comment(session, actor, student_key, body.text))


@router.post("/{student_key}:check", summary="评价委员会审核 / The committee checks")
async def check_archive(student_key: Student, body: TextIn, session: Session, actor: Checker) -> ArchiveOut:
    return _told(await sealing.check(session, actor, student_key, body.text))


@router.post("/{student_key}:seal", summary="校长签字封存 / The principal signs and seals")
async def seal_archive(student_key: Student, request: Request, session: Session, actor: Sealer) -> SealedOut:
    settings = kernel_of(request).settings
    row = await sealing.seal(session, actor, student_key, settings)
    return sealed_out(row, sealing.public_key_of(settings))


@router.post("/{student_key}:reopen", summary="启封更正 / Reopen for a correction, by a document")
async def reopen_archive(student_key: Student, body: OrderIn, session: Session, actor: Sealer) -> ArchiveOut:
    return _told(await sealing.reopen(session, actor, student_key, body.reason, body.document))


@router.post(
    "/{student_key}/records/{record_id}:allow-correction", summary="准予更正 / Allow one correction, by a document"
)
async def allow_correction(
    student_key: Student, record_id: uuid.UUID, body: OrderIn, session: Session, actor: Sealer
) -> RecordOut:
    record = await corrections.allow_correction(
        session, actor, student_key, record_id, reason=body.reason, document=body.document
    )
    return record_out(record, archive_policy())


@router.post("/{student_key}/records/{record_id}:correct", summary="更正已审核的记录 / Correct a verified record")
async def correct_verified(
    student_key: Student, record_id: uuid.UUID, body: VerifiedCorrectionIn, session: Session, actor: Writer
) -> RecordOut:
    record = await corrections.correct(
        session, actor, student_key, record_id, fields=body.fields, text=body.text, reason=body.reason
    )
    return record_out(record, archive_policy())


@router.post("/{student_key}:release", summary="授权提供 / Hand a sealed archive on: for admission, or by consent")
async def release_archive(
    student_key: Student, body: ReleaseIn, age: AgeForRelease, request: Request, session: Session, actor: Sealer
) -> SealedOut:
    row = await sealing.release(
        session,
        actor,
        student_key,
        recipient=body.to,
        authorization=body.authorization,
        use=body.use,
        age=age,
    )
    return sealed_out(row, sealing.public_key_of(kernel_of(request).settings))


@router.get("/{student_key}/sealed", summary="封存版本 / A sealed version: package and signature")
async def read_sealed(
    student_key: Student,
    request: Request,
    response: Response,
    session: Session,
    actor: Reader,
    version: Annotated[int | None, Query(ge=1)] = None,
) -> SealedOut:
    archive = await archive_of(session, actor, student_key)
    versions = await repository.sealed_of(session, archive)
    found = [row for row in versions if version in (None, row.version_number)]
    if not found:
        raise DomainError("resource.not_found", params={"what": f"sealed archive {student_key}"})
    _note(session, actor, student_key)
    response.headers["Cache-Control"] = "private"
    return sealed_out(found[-1], sealing.public_key_of(kernel_of(request).settings))


def _told(archive: Archive) -> ArchiveOut:
    return archive_out(archive.student_key, archive.entries, archive.state, archive_policy())


def _note(session: Session, actor: Actor, student_key: str) -> None:
    if not actor.is_person(student_key):
        note(session, actor, "archive.read", student_key)
