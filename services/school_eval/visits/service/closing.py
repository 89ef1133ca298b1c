"""The school's signature, or the end without one."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.visits.rules import LIFE, VisitState
from services.school_eval.visits.schemas import SignIn
from services.school_eval.visits.service.planning import kept
from services.school_eval.visits.tables import Visit
from shared.kernel import clock
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


async def sign(session: AsyncSession, *, row: Visit, body: SignIn, actor: Actor) -> Visit:
    """The school's representative has seen the outcome; remarks stay with it for good.

    Raises:
        DomainError: ``workflow.not_allowed``; ``visit.outcome_differs`` when something else was seen.
    """
    target = LIFE.target("sign", VisitState(row.state))
    if body.outcome_sha256 != row.outcome_sha256:
        raise DomainError("visit.outcome_differs")
    row.state, row.signed_at, row.signed_by, row.remarks = target, clock.now(), actor.subject, body.remarks
    await kept(session, row, "signed", actor, {"outcome_sha256": row.outcome_sha256})
    return row


async def close_unsigned(session: AsyncSession, *, row: Visit, reason: str, actor: Actor) -> Visit:
    """Ends a visit whose school has not signed in time.

    Raises:
        DomainError: ``workflow.not_allowed``; ``visit.signature_awaited`` before its day has passed.
    """
    target = LIFE.target("close_unsigned", VisitState(row.state))
    if row.sign_due_on is not None and clock.today() <= row.sign_due_on:
        raise DomainError("visit.signature_awaited", params={"due_on": str(row.sign_due_on)})
    row.state, row.reason = target, reason
    await kept(session, row, "closed_unsigned", actor)
    return row
