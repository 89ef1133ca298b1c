"""The life of one warning: what its people do, and what the calendar does."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.warnings import repository
from services.monitoring.warnings.rules import (
    LIFE,
    OPEN,
    Outcome,
    WarningState,
    due_on,
    owner_above,
    require_no_identity_number,
    require_step_allowed,
)
from services.monitoring.warnings.service.evaluate import day_of
from services.monitoring.warnings.tables import EarlyWarning, WarningMessage
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.policy.warnings import DAYS_TO_RESPOND
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel


async def take_step(
    session: AsyncSession,
    *,
    warning_id: uuid.UUID,
    action: str,
    actor: Actor,
    body: str,
    outcome: Outcome | None = None,
) -> EarlyWarning:
    """Takes one step of a warning's life, with its words in the thread.

    Raises:
        DomainError: ``resource.not_found``, ``workflow.not_allowed``, ``warning.not_yours``, ``warning.identity_number``.
    """
    require_no_identity_number(body)
    warning = await repository.warning_for_update(session, actor, warning_id)
    warning.state = require_step_allowed(action, warning, actor)
    moment = clock.now()
    if action == "acknowledge":
        warning.acknowledged_at = warning.acknowledged_at or moment
    elif action == "respond":
        warning.responded_at = warning.responded_at or moment
        warning.responded_by, warning.responded_level = actor.subject, actor.level
    elif action == "return":
        warning.due_on = due_on(day_of(moment), working_days=_days(warning))
    elif action == "close":
        warning.outcome, warning.closed_at = outcome, moment
    detail = {"rule": warning.rule_code, "exam": warning.exam_code} | ({"outcome": outcome} if outcome else {})
    await _record(session, warning, actor, kind=warning.state, body=body, detail=detail)
    return warning


async def comment(session: AsyncSession, *, warning_id: uuid.UUID, actor: Actor, body: str) -> EarlyWarning:
    """Adds words to the thread of an open warning.

    Raises:
        DomainError: ``resource.not_found``, ``warning.over``, ``warning.identity_number``.
    """
    require_no_identity_number(body)
    warning = await repository.warning_for_update(session, actor, warning_id)
    if warning.state not in OPEN:
        raise DomainError("warning.over", params={"state": warning.state})
    await _record(session, warning, actor, kind="comment", body=body, detail={"rule": warning.rule_code})
    return warning


async def escalate_overdue(session: AsyncSession, *, actor: Actor) -> int:
    """Hands every warning whose day has passed to the organization above its owner, with a new day; returns how many."""
    moment = clock.now()
    today = day_of(moment)
    overdue = await repository.overdue_warnings(session, actor, today)
    for warning in overdue:
        above = owner_above(OrgLevel(warning.owner_level))
        if above is None:
            continue
        body = f"逾期未回应（{warning.due_on}） / no answer by {warning.due_on}"
        warning.state = LIFE.target("escalate", WarningState(warning.state))
        warning.owner_level, warning.escalated_at = above, moment
        warning.due_on = due_on(today, working_days=_days(warning))
        detail = {"rule": warning.rule_code, "exam": warning.exam_code, "owner": above}
        await _record(session, warning, actor, kind="escalated", body=body, detail=detail)
    return len(overdue)


def _days(warning: EarlyWarning) -> int:
    """The working days that were granted when it was raised."""
    return int(warning.evidence["criterion"][DAYS_TO_RESPOND])


async def _record(
    session: AsyncSession, warning: EarlyWarning, actor: Actor, *, kind: str, body: str, detail: Mapping[str, object]
) -> None:
    warning.version += 1
    session.add(
        WarningMessage(
            warning_id=warning.id, org_path=warning.org_path, kind=kind, body=body, author_org=actor.org, at=clock.now()
        )
    )
    await session.flush()
    note(session, actor, f"warning.{kind}", str(warning.id), detail)
    key = {"warning": str(warning.id)}
    await record_changes(session, "warnings", Operation.UPSERTED, [(warning.org_path, key)])
