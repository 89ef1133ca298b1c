"""Asking to have one's own data corrected: the kit of appeals, mounted. The ordinary step of each kind mends it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from services.student_eval.ages import StudentKey
from services.student_eval.guardianships.access import OWN_ROLES, as_own, own_pupil, require_own
from services.student_eval.own_data.parts import PARTS
from services.student_eval.own_data.tables import DataCorrection, DataCorrectionMessage
from services.student_eval.permissions import PERMISSIONS
from shared.kernel import clock
from shared.kernel.database.repository import visible
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kits.appeals.endpoints import appeals_router
from shared.kits.appeals.rules import Parties
from shared.kits.appeals.schemas import AppealOut, Reading
from shared.kits.appeals.service import Appeals
from shared.kits.appeals.sweeps import appeals_sweep
from shared.kits.subject import Subject
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.workflow.appeals import AppealState

KIND, HANDLE = "own_data", "own_data.handle"
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("own_data.read_corrections"))]
Asker = Annotated[Actor, Depends(PERMISSIONS.requires("own_data.ask"))]
Handler = Annotated[Actor, Depends(PERMISSIONS.requires(HANDLE))]
Kind = Annotated[str, Path(pattern=r"^[a-z][a-z_]{0,39}$", description="数据类别 / kind of data")]

#: A ruling orders nothing by itself: it says whether the school corrects, which its own step does and keeps.
CORRECTIONS = Appeals(DataCorrection, DataCorrectionMessage, Parties(by_person=True))


async def _read(student_key: StudentKey, kind: Kind, session: Session, actor: Reader) -> Subject:
    if actor.roles <= OWN_ROLES or await own_pupil(session, actor, student_key) is not None:
        return await _subject_of_own(session, actor, student_key, kind)
    return _subject(student_key, kind, actor.org, actor)


async def _ask(student_key: StudentKey, kind: Kind, session: Session, actor: Asker) -> Subject:
    return await _subject_of_own(session, actor, student_key, kind)


async def _handle(student_key: StudentKey, kind: Kind, actor: Handler) -> Subject:
    return _subject(student_key, kind, actor.org, actor)


async def _subject_of_own(session: Session, actor: Actor, student_key: str, kind: str) -> Subject:
    own = await require_own(session, actor, student_key)
    return _subject(student_key, kind, own.org_path, await as_own(session, actor, own))


def _subject(student_key: str, kind: str, org_path: str, actor: Actor) -> Subject:
    if kind not in PARTS:
        raise DomainError("resource.not_found", params={"what": f"kind {kind}"})
    return Subject(KIND, f"{student_key}/{kind}", org_path, actor)


router = appeals_router(
    CORRECTIONS,
    prefix="/own-data/{student_key}/{kind}/corrections",
    name="data_correction",
    reader=_read,
    appellant=_ask,
    handler=_handle,
    may_handle=PERMISSIONS.grants[HANDLE].allows,
)
SWEEPS = (appeals_sweep(CORRECTIONS),)

listed = APIRouter(route_class=TransactionalRoute, prefix="/data-corrections", tags=["own data"])


@listed.get("", name="list_data_corrections", summary="本校全部更正申请 / Every request at the school")
async def list_data_corrections(
    session: Session, actor: Handler, page: Paging, state: Annotated[AppealState | None, Query()] = None
) -> Page[AppealOut]:
    statement = visible(DataCorrection, actor)
    if state is not None:
        statement = statement.where(DataCorrection.state == state)
    reading = Reading(CORRECTIONS.parties, actor, may_handle=True, at=clock.now())
    return Page(**await fetch_page(session, statement, page, key=[DataCorrection.id], present=reading.out))
