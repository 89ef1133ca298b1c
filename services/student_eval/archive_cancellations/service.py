"""Proposing a cancellation, hearing the pupil, and deciding on it."""

from __future__ import annotations

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archive_cancellations import repository
from services.student_eval.archive_cancellations.rules import (
    CANCELLATION_LIFE,
    CancellationState,
    require_confirmable,
    require_proposable,
    require_statable,
)
from services.student_eval.archive_cancellations.tables import RecordCancellation
from services.student_eval.archives.chain import EntryKind
from services.student_eval.archives.log import Saying, held, say
from services.student_eval.guardianships.access import Side
from shared.kernel import clock
from shared.kernel.database.scope import everywhere
from shared.kernel.ids import new_id
from shared.kernel.records import keep
from shared.kernel.web.organizations import code_of
from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError
from shared.workflow.calendar import WorkingCalendar
from shared.workflow.clocks import deadline_rules, window

STATEMENT = "archive_cancellations.statement"


async def propose(
    session: AsyncSession,
    *,
    student_key: str,
    term: str,
    record_id: uuid.UUID,
    reason: str,
    calendar: WorkingCalendar,
    actor: Actor,
) -> RecordCancellation:
    """Says that a record of a verified term is false; the pupil has working days to say something to it.

    Raises:
        DomainError: ``resource.not_found``, ``archive.record_gone``, ``archive_cancellation.not_verified``,
            ``archive_cancellation.proposed_already``.
    """
    archive = await held(session, actor, student_key)
    require_proposable(archive.state, record_id, term)
    if await repository.proposed_for(session, actor, record_id) is not None:
        raise DomainError("archive_cancellation.proposed_already")
    at, days = clock.now(), deadline_rules()[STATEMENT].working_days
    row = RecordCancellation(
        id=new_id(),
        org_path=archive.org_path,
        student_key=student_key,
        record_id=record_id,
        term=term,
        state=CancellationState.PROPOSED,
        reason=reason,
        proposed_by=actor.subject,
        proposed_org=actor.org,
        proposed_at=at,
        statement_until=window(at, working_days=days, calendar=calendar, zone=clock.CHINA).ends_at,
        version=0,
    )
    await _keep(session, row, "proposed", actor)
    return row


async def state(
    session: AsyncSession, *, row: RecordCancellation, text: str, side: Side, actor: Actor
) -> RecordCancellation:
    """What the pupil, or a guardian, says to it; raises as :func:`require_statable`."""
    require_statable(row)
    row.statement, row.stated_as, row.stated_at = text, side, clock.now()
    # Own things are reached wherever they lie.
    async with everywhere(session):
        await _keep(session, row, "stated", actor)
    return row


async def confirm(
    session: AsyncSession, *, row: RecordCancellation, decision: str, document: str, actor: Actor
) -> RecordCancellation:
    """Cancels the record; it stays in the chain, and so does why it does not stand.

    Raises:
        DomainError: ``workflow.not_allowed``; as :func:`require_confirmable`.
    """
    target = CANCELLATION_LIFE.target("confirm", CancellationState(row.state))
    archive = await held(session, actor, row.student_key)
    require_confirmable(row, archive.state, actor, clock.now())
    payload = {"reason": row.reason, "document": document, "cancellation": str(row.id)}
    saying = Saying(EntryKind.RECORD_CANCELLED, payload, Role.SCHOOL_ADMIN, record_id=row.record_id, term=row.term)
    await say(session, actor, archive, saying)
    row.state, row.document = target, document
    await _decide(session, row, decision, actor)
    return row


async def drop(session: AsyncSession, *, row: RecordCancellation, decision: str, actor: Actor) -> RecordCancellation:
    """Lets a record stand; raises ``workflow.not_allowed``."""
    row.state = CANCELLATION_LIFE.target("drop", CancellationState(row.state))
    await _decide(session, row, decision, actor)
    return row


async def require_undisputed(session: AsyncSession, actor: Actor, student_key: str) -> None:
    """Nothing is sealed while a cancellation of one of its records is open; raises ``archive_cancellation.under_way``."""
    count = await repository.proposed_count(session, actor, student_key)
    if count:
        raise DomainError("archive_cancellation.under_way", params={"count": count})


async def _decide(session: AsyncSession, row: RecordCancellation, decision: str, actor: Actor) -> None:
    row.decision, row.decided_by, row.decided_at = decision, actor.subject, clock.now()
    await _keep(session, row, row.state, actor)


async def _keep(session: AsyncSession, row: RecordCancellation, what: str, actor: Actor) -> None:
    # Offices read the change feed: whose record it is stays out of it.
    key = {"organization": code_of(row.org_path), "cancellation": str(row.id)}
    await keep(
        session,
        row,
        resource="record_cancellations",
        action=f"record_cancellation.{what}",
        key=key,
        actor=actor,
        detail={"record": str(row.record_id), "term": row.term},
    )
