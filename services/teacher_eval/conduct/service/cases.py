"""A case up to its decision: reported, investigated, the person told and heard, proposed, closed; suspension of duties."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.conduct import repository
from services.teacher_eval.conduct.evidence_kinds import HEARING
from services.teacher_eval.conduct.rules import (
    OPEN,
    CaseState,
    require_hearing_due,
    require_lawful,
    require_turn,
)
from services.teacher_eval.conduct.schemas import HearingIn, NoticeIn, ProposalIn, ReportIn, StepIn
from services.teacher_eval.conduct.service.keeping import move, record
from services.teacher_eval.conduct.tables import ConductCase
from services.teacher_eval.staff_register.repository import staff_by_key
from shared.kernel import clock
from shared.policy.conduct import may_suspend
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel
from shared.workflow.calendar import WorkingCalendar
from shared.workflow.clocks import deadline_rules, window


async def report(session: AsyncSession, *, body: ReportIn, actor: Actor) -> ConductCase:
    """Opens a case about somebody of the actor's organization.

    Raises:
        DomainError: ``resource.not_found``; ``conduct.own_case``; ``conduct.in_future``; ``conduct.office_alone``.
    """
    if actor.is_person(body.staff_key):
        raise DomainError("conduct.own_case")
    if body.occurred_on is not None and body.occurred_on > clock.today():
        raise DomainError("conduct.in_future", params={"day": body.occurred_on})
    if body.without_school and actor.level is OrgLevel.SCHOOL:
        raise DomainError("conduct.office_alone")
    person = await staff_by_key(session, actor, body.staff_key)
    levels = {actor.level.value} | (set() if body.without_school else {OrgLevel.SCHOOL.value})
    row = ConductCase(
        staff_key=person.staff_key,
        school_code=person.school_code,
        org_path=person.org_path,
        levels=sorted(levels),
        rules=list(dict.fromkeys(body.rules)),
        origin=body.origin,
        occurred_on=body.occurred_on,
        facts=body.facts,
        state=CaseState.REPORTED,
        reported_on=clock.today(),
        imposed=[],
        effects=[],
        version=0,
    )
    await record(session, row, "report", body=body.facts, actor=actor, detail={"rules": row.rules})
    return row


async def take_step(session: AsyncSession, *, row: ConductCase, step: str, body: StepIn, actor: Actor) -> ConductCase:
    """Investigates, or closes a case because nothing was confirmed.

    Raises:
        DomainError: ``workflow.not_allowed``; ``conduct.others_turn``.
    """
    require_turn(step, CaseState(row.state), actor.level, row.decided_level)
    await move(session, row, step, body=body.text, document=body.document, actor=actor)
    return row


async def notify(
    session: AsyncSession, *, row: ConductCase, body: NoticeIn, actor: Actor, calendar: WorkingCalendar
) -> ConductCase:
    """Tells the person what is held against them and when they are heard.

    Raises:
        DomainError: ``workflow.not_allowed``; ``conduct.others_turn``; ``conduct.hearing_too_soon``.
    """
    require_turn("notify", CaseState(row.state), actor.level, row.decided_level)
    days = deadline_rules()["conduct.hearing"].working_days
    span = window(clock.now(), working_days=days, calendar=calendar, zone=clock.CHINA)
    if body.hearing_on < span.last_on:
        raise DomainError("conduct.hearing_too_soon", params={"earliest_on": span.last_on, "working_days": days})
    row.notified_at, row.hearing_on = clock.now(), body.hearing_on
    # Another notice, after a further inquiry, is answered anew.
    row.stated_at, row.heard_at = None, None
    row.rules = list(dict.fromkeys(body.rules or row.rules))
    await move(session, row, "notify", body=body.text, document=body.document, actor=actor)
    return row


async def state_own(session: AsyncSession, *, row: ConductCase, text: str, actor: Actor) -> ConductCase:
    """The person's own words on what they are told: ``conduct.not_heard_now`` outside the hearing."""
    if row.state != CaseState.HEARING:
        raise DomainError("conduct.not_heard_now", params={"state": row.state})
    row.statement, row.stated_at = text, clock.now()
    await record(session, row, "state", body=text, actor=actor, is_shown=True)
    return row


async def record_hearing(session: AsyncSession, *, row: ConductCase, body: HearingIn, actor: Actor) -> ConductCase:
    """Keeps what was said; the record lies with the files of the hearing.

    Raises:
        DomainError: ``workflow.not_allowed``; ``conduct.others_turn``; ``conduct.hearing_not_yet``;
            ``conduct.record_missing``.
    """
    require_turn("record_hearing", CaseState(row.state), actor.level, row.decided_level)
    has_stated = row.stated_at is not None
    require_hearing_due(row.hearing_on, has_stated=has_stated or body.attended, today=clock.today())
    if not await repository.file_count(session, actor, HEARING, row):
        raise DomainError("conduct.record_missing")
    row.heard_at = clock.now()
    await move(session, row, "record_hearing", body=body.text, document=body.document, actor=actor)
    return row


async def propose(session: AsyncSession, *, row: ConductCase, body: ProposalIn, actor: Actor) -> ConductCase:
    """The school puts a case before the office that decides; from then on it is the office's.

    Raises:
        DomainError: ``workflow.not_allowed``; ``conduct.others_turn``; ``conduct.unlawful``.
    """
    require_turn("propose", CaseState(row.state), actor.level, row.decided_level)
    require_lawful([each.read() for each in body.imposed], OrgLevel(body.to))
    row.imposed = [each.model_dump() for each in body.imposed]
    row.levels = sorted({*row.levels, body.to})
    await move(session, row, "propose", body=body.text, document=body.document, actor=actor)
    return row


async def suspend(session: AsyncSession, *, row: ConductCase, body: StepIn, actor: Actor) -> ConductCase:
    """Suspends duties at once, where pupils or the inquiry are in danger; grade and pay stay as they are.

    Raises:
        DomainError: ``conduct.not_suspendable``; ``conduct.document_missing``.
    """
    is_suspended = row.suspended_on is not None and row.suspension_ended_on is None
    if row.state not in OPEN or is_suspended or not may_suspend(row.rules, actor.level.value):
        raise DomainError("conduct.not_suspendable", params={"state": row.state})
    require_document(body)
    row.suspended_on, row.suspension_ended_on = clock.today(), None
    await record(session, row, "suspend", body=body.text, document=body.document, actor=actor, is_shown=True)
    return row


async def resume(session: AsyncSession, *, row: ConductCase, body: StepIn, actor: Actor) -> ConductCase:
    """Ends a suspension: ``conduct.not_suspended`` where there is none."""
    if row.suspended_on is None or row.suspension_ended_on is not None:
        raise DomainError("conduct.not_suspended")
    row.suspension_ended_on = clock.today()
    await record(session, row, "resume", body=body.text, document=body.document, actor=actor, is_shown=True)
    return row


def require_document(body: StepIn) -> None:
    """A step that changes something for the person names its document: ``conduct.document_missing``."""
    if not body.document:
        raise DomainError("conduct.document_missing")
