"""The decision of a case, what a ruling makes of it, and its end before its time."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.conduct.rules import (
    CaseState,
    effect_from,
    imposed_from,
    require_dates,
    require_lawful,
    require_not_worse,
    require_turn,
    stored_effect,
)
from services.teacher_eval.conduct.schemas import DecisionIn, RulingEffectIn, StepIn
from services.teacher_eval.conduct.service.cases import require_document
from services.teacher_eval.conduct.service.keeping import move, record
from services.teacher_eval.conduct.tables import ConductCase
from shared.kernel import clock
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.workflow.calendar import WorkingCalendar
from shared.workflow.clocks import calendar_window, deadline_rules

REVIEW = "conduct.request_review"


async def decide(
    session: AsyncSession, *, row: ConductCase, body: DecisionIn, actor: Actor, calendar: WorkingCalendar
) -> ConductCase:
    """Decides a case after the person was heard. Nothing follows until the days for a review are over.

    Raises:
        DomainError: ``workflow.not_allowed``; ``conduct.others_turn``; ``conduct.unlawful`` with every fault;
            ``conduct.dates_unordered``.
    """
    require_turn("decide", CaseState(row.state), actor.level, row.decided_level)
    if row.heard_at is None:
        raise DomainError("conduct.hearing_not_yet", params={"hearing_on": row.hearing_on})
    require_lawful([each.read() for each in body.imposed], actor.level)
    heard_on = row.heard_at.astimezone(clock.CHINA).date()
    require_dates(heard_on=heard_on, decided_on=body.decided_on, served_on=body.served_on, today=clock.today())
    row.rules = list(dict.fromkeys(body.rules or row.rules))
    row.imposed = [each.model_dump() for each in body.imposed]
    row.document_number, row.decided_on, row.served_on = body.document, body.decided_on, body.served_on
    row.decision, row.decided_level, row.decided_by = body.text, actor.level.value, actor.subject
    served_at = dt.datetime.combine(body.served_on, dt.time(12), clock.CHINA)
    days = deadline_rules()[REVIEW].days or 0
    row.review_until = calendar_window(served_at, days=days, calendar=calendar, zone=clock.CHINA).ends_at
    await move(session, row, "decide", body=body.text, document=body.document, actor=actor)
    return row


async def apply_ruling(
    session: AsyncSession, *, row: ConductCase, ordered: RulingEffectIn, actor: Actor, appeal_id: str
) -> dict[str, object]:
    """Carries out what a ruling orders: the decision falls, or something no worse takes its place.

    Raises:
        DomainError: ``workflow.not_allowed``; ``conduct.unlawful``; ``conduct.made_worse``.
    """
    if ordered.order == "annul":
        await move(session, row, "annul", body=ordered.reason, document=f"appeal {appeal_id}", actor=actor)
        return {"state": row.state}
    if row.state != CaseState.DECIDED:
        raise DomainError("workflow.not_allowed", params={"action": "change", "state": row.state, "possible": "-"})
    imposed = [each.read() for each in ordered.imposed]
    require_not_worse(imposed_from(row.imposed), imposed)
    require_lawful(imposed, actor.level)
    row.imposed = [each.model_dump() for each in ordered.imposed]
    await record(
        session, row, "change", body=ordered.reason, document=f"appeal {appeal_id}", actor=actor, is_shown=True
    )
    return {"imposed": row.imposed}


async def lift(session: AsyncSession, *, row: ConductCase, body: StepIn, actor: Actor) -> ConductCase:
    """Ends what is in effect before its time, by a document; yesterday was its last day.

    Raises:
        DomainError: ``workflow.not_allowed``; ``conduct.others_turn``; ``conduct.document_missing``.
    """
    require_turn("lift", CaseState(row.state), actor.level, row.decided_level)
    require_document(body)
    last_on = clock.today() - dt.timedelta(days=1)
    row.effects = [stored_effect(effect_from(stored).until(last_on)) for stored in row.effects]
    row.last_on = last_on
    await move(session, row, "lift", body=body.text, document=body.document, actor=actor)
    return row
