"""Doubts about what a class's term shows: the kit of appeals, mounted. An upheld one cancels records."""

import uuid
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends
from pydantic import Field, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archive_terms.repository import term_by_id
from services.student_eval.archive_terms.rules import TermState
from services.student_eval.archive_terms.service import member_of, subject_of
from services.student_eval.archive_terms.tables import ArchiveDoubt, ArchiveDoubtMessage
from services.student_eval.archives.chain import EntryKind
from services.student_eval.archives.log import Saying, held, say
from services.student_eval.archives.rules import record_of
from services.student_eval.permissions import PERMISSIONS
from shared.kernel.web.fields import Strict
from shared.kernel.web.route import Session
from shared.kernel.web.validation import validation_problem
from shared.kits.appeals.endpoints import appeals_router
from shared.kits.appeals.rules import Parties
from shared.kits.appeals.service import Appeals
from shared.kits.appeals.sweeps import appeals_sweep
from shared.kits.appeals.tables import Appeal
from shared.kits.fields import Reason
from shared.kits.subject import Subject
from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError

Reader = Annotated[Actor, Depends(PERMISSIONS.requires("archive_terms.read"))]
Doubter = Annotated[Actor, Depends(PERMISSIONS.requires("doubts.raise"))]
Handler = Annotated[Actor, Depends(PERMISSIONS.requires("doubts.handle"))]


class EffectIn(Strict):
    """What a ruling orders: records of a pupil that do not stand, and why."""

    student_key: str
    records: list[uuid.UUID] = Field(min_length=1, max_length=50)
    reason: Reason


async def cancel_records(
    session: AsyncSession, actor: Actor, doubt: Appeal, effect: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Cancels records in the ruling's transaction; they stay in the chain, and so does why they do not stand.

    Raises:
        DomainError: ``request.invalid`` with every fault; ``archive.record_gone``, ``resource.not_found``.
    """
    try:
        ordered = EffectIn.model_validate(dict(effect))
    except ValidationError as error:
        raise validation_problem(
            [{**each, "loc": ("body", "effect", *each["loc"])} for each in error.errors()]
        ) from error
    term = await term_by_id(session, actor, uuid.UUID(doubt.subject_key))
    member_of(term, ordered.student_key)
    role = Role.SCHOOL_ADMIN if Role.SCHOOL_ADMIN in actor.roles else Role.TEACHER
    payload = {"reason": ordered.reason, "doubt": str(doubt.id)}
    archive = await held(session, actor, ordered.student_key)
    for record_id in ordered.records:
        record_of(archive.state, record_id, term.term)
        saying = Saying(EntryKind.RECORD_CANCELLED, payload, role, record_id=record_id, term=term.term)
        await say(session, actor, archive, saying)
    return {"cancelled": [str(each) for each in ordered.records]}


DOUBTS = Appeals(ArchiveDoubt, ArchiveDoubtMessage, Parties(by_person=True), cancel_records)


async def _read(term_id: uuid.UUID, session: Session, actor: Reader) -> Subject:
    return subject_of(await term_by_id(session, actor, term_id), actor)


async def _own(term_id: uuid.UUID, session: Session, actor: Doubter) -> Subject:
    return subject_of(await term_by_id(session, actor, term_id), actor)


async def _shown(term_id: uuid.UUID, session: Session, actor: Doubter) -> Subject:
    row = await term_by_id(session, actor, term_id)
    if row.state != TermState.IN_PUBLICITY:
        raise DomainError("archive.not_now", params={"state": row.state})
    return subject_of(row, actor)


async def _handled(term_id: uuid.UUID, session: Session, actor: Handler) -> Subject:
    return subject_of(await term_by_id(session, actor, term_id), actor)


router = appeals_router(
    DOUBTS,
    prefix="/archive-terms/{term_id}/doubts",
    name="archive_doubt",
    reader=_read,
    appellant=_own,
    submitter=_shown,
    handler=_handled,
    may_handle=PERMISSIONS.grants["doubts.handle"].allows,
)
SWEEPS = (appeals_sweep(DOUBTS),)
