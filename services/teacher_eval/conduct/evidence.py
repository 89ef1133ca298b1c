"""Files of a case: those of the inquiry for who handles it, those of the hearing for the person too."""

from typing import Annotated

from fastapi import Depends

from services.teacher_eval.conduct.evidence_kinds import HEARING, INQUIRY
from services.teacher_eval.conduct.opened import CaseId, Handler, Reader, handled, own
from services.teacher_eval.conduct.repository import is_known_to
from services.teacher_eval.conduct.rules import OPEN, CaseState
from services.teacher_eval.conduct.tables import ConductCase, ConductEvidence
from services.teacher_eval.permissions import PERMISSIONS
from shared.kernel.web.route import Session
from shared.kits.evidence.endpoints import evidence_router
from shared.kits.subject import Subject
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

#: Handlers and the person: which of them somebody is, the case tells.
Concerned = Annotated[Actor, Depends(PERMISSIONS.requires("conduct.read_appeals"))]
Stating = Annotated[Actor, Depends(PERMISSIONS.requires("conduct.add_to_hearing"))]


def _subject(kind: str, row: ConductCase, actor: Actor) -> Subject:
    return Subject(kind, str(row.id), row.org_path, actor)


async def _read(case_id: CaseId, session: Session, actor: Reader) -> Subject:
    return _subject(INQUIRY, await handled(session, case_id, actor), actor)


async def _write(case_id: CaseId, session: Session, actor: Handler) -> Subject:
    row = await handled(session, case_id, actor)
    _require(row, *OPEN)
    return _subject(INQUIRY, row, actor)


async def _read_hearing(case_id: CaseId, session: Session, actor: Concerned) -> Subject:
    if await is_known_to(session, actor, case_id):
        row, there = await own(session, case_id, actor)
        return _subject(HEARING, row, there)
    return _subject(HEARING, await handled(session, case_id, _as_handler(actor)), actor)


async def _write_hearing(case_id: CaseId, session: Session, actor: Stating) -> Subject:
    if await is_known_to(session, actor, case_id):
        row, there = await own(session, case_id, actor)
    else:
        row, there = await handled(session, case_id, _as_handler(actor)), actor
    _require(row, CaseState.HEARING)
    return _subject(HEARING, row, there)


def _as_handler(actor: Actor) -> Actor:
    """Whoever is not the person needs the permission of those who handle cases."""
    if not PERMISSIONS.grants["conduct.read"].allows(actor):
        raise DomainError("resource.not_found", params={"what": "conduct case"})
    return actor


def _require(row: ConductCase, *states: CaseState) -> None:
    if row.state not in states:
        raise DomainError("conduct.files_closed", params={"state": row.state})


inquiry = evidence_router(
    ConductEvidence, prefix="/conduct-cases/{case_id}/evidence", name="conduct_inquiry", reader=_read, writer=_write
)
hearing = evidence_router(
    ConductEvidence,
    prefix="/conduct-cases/{case_id}/hearing/evidence",
    name="conduct_hearing",
    reader=_read_hearing,
    writer=_write_hearing,
)
