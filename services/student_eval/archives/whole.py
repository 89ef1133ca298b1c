"""Routes of a whole archive: graduation, sealing, release, correction, verification."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.student_eval.archives import repository
from services.student_eval.archives.log import entries_of
from services.student_eval.archives.schemas import (
    ArchiveOut,
    BreakOut,
    ChainOut,
    CheckedOut,
    ReleaseIn,
    ReopenIn,
    SealedOut,
    TextIn,
    archive_out,
    entry_out,
    sealed_out,
)
from services.student_eval.archives.service import sealing
from services.student_eval.archives.state import ArchiveState
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


@router.get("/{student_key}", summary="综合素质档案 / An archive as it stands")
async def read_archive(student_key: Student, session: Session, actor: Reader) -> ArchiveOut:
    entries, state = await sealing.opened(session, actor, student_key)
    _note(session, actor, student_key)
    return archive_out(student_key, entries, state, archive_policy())


@router.get("/{student_key}/chain", summary="档案全部记载 / Every entry of an archive")
async def read_chain(student_key: Student, session: Session, actor: Reader) -> ChainOut:
    entries, _ = await sealing.opened(session, actor, student_key)
    _note(session, actor, student_key)
    return ChainOut(items=[entry_out(entry) for entry in entries])


@router.get("/{student_key}/integrity", summary="档案校验 / Whether an archive holds")
async def check_integrity(student_key: Student, session: Session, actor: Reader) -> CheckedOut:
    entries, _ = await sealing.opened(session, actor, student_key)
    sealed = await repository.sealed_of(session, actor, student_key)
    breaks = sealing.check_chain(entries, sealed)
    return CheckedOut(
        holds=not breaks,
        entries=len(entries),
        sealed_versions=len(sealed),
        head_sha256=entries[-1].sha256,
        breaks=[BreakOut(number=each.number, reason=each.reason) for each in breaks],
    )


@router.put("/{student_key}/statement", summary="学生自我陈述 / The pupil's statement")
async def write_statement(student_key: Student, body: TextIn, session: Session, actor: Writer) -> ArchiveOut:
    return await _told(
        session, actor, student_key, await sealing.write_statement(session, actor, student_key, body.text)
    )


@router.put("/{student_key}/comment", summary="教师评语 / The teacher's comment")
async def write_comment(student_key: Student, body: TextIn, session: Session, actor: Guide) -> ArchiveOut:
    return await _told(session, actor, student_key, await sealing.write_comment(session, actor, student_key, body.text))


@router.post("/{student_key}:check", summary="评价委员会审核 / The committee checks")
async def check_archive(student_key: Student, body: TextIn, session: Session, actor: Checker) -> ArchiveOut:
    return await _told(session, actor, student_key, await sealing.check(session, actor, student_key, body.text))


@router.post("/{student_key}:seal", summary="校长签字封存 / The principal signs and seals")
async def seal_archive(student_key: Student, request: Request, session: Session, actor: Sealer) -> SealedOut:
    settings = kernel_of(request).settings
    _, row = await sealing.seal(session, actor, student_key, settings)
    return sealed_out(row, sealing.public_key_of(settings))


@router.post("/{student_key}:reopen", summary="启封更正 / Reopen for a correction, by a document")
async def reopen_archive(student_key: Student, body: ReopenIn, session: Session, actor: Sealer) -> ArchiveOut:
    state = await sealing.reopen(session, actor, student_key, body.reason, body.document)
    return await _told(session, actor, student_key, state)


@router.post("/{student_key}:release", summary="授权提供 / Hand a sealed archive to a higher school")
async def release_archive(
    student_key: Student, body: ReleaseIn, request: Request, session: Session, actor: Sealer
) -> SealedOut:
    row = await sealing.release(session, actor, student_key, body.to, body.authorization)
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
    await sealing.opened(session, actor, student_key)
    versions = await repository.sealed_of(session, actor, student_key)
    found = [row for row in versions if version in (None, row.version_number)]
    if not found:
        raise DomainError("resource.not_found", params={"what": f"sealed archive {student_key}"})
    _note(session, actor, student_key)
    response.headers["Cache-Control"] = "private"
    return sealed_out(found[-1], sealing.public_key_of(kernel_of(request).settings))


async def _told(session: Session, actor: Actor, student_key: str, state: ArchiveState) -> ArchiveOut:
    return archive_out(student_key, await entries_of(session, actor, student_key), state, archive_policy())


def _note(session: Session, actor: Actor, student_key: str) -> None:
    if not actor.is_person(student_key):
        note(session, actor, "archive.read", student_key)
