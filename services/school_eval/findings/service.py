"""Raising findings and leading them to their end."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.findings import repository
from services.school_eval.findings.rules import (
    DEADLINES,
    FindingState,
    owner_above,
    require_seen_on_the_spot,
    require_step_allowed,
)
from services.school_eval.findings.schemas import FindingIn, Judgment, JudgmentIn, PlanIn, WordsIn
from services.school_eval.findings.tables import Finding, FindingEntry
from services.school_eval.visits.repository import visit_by_id
from services.school_eval.visits.rules import SHOWN, VisitKind
from services.school_eval.visits.service.items import items_of_visit
from shared.kernel import clock
from shared.kernel.records import keep
from shared.kernel.settings import ServiceSettings
from shared.kits.calendar import calendar_for
from shared.kits.platform import platform_actor
from shared.policy.inspections import days_on
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel, path_level
from shared.workflow.calendar import WorkingCalendar
from shared.workflow.clocks import Window, deadline_rules, window

PLATFORM = platform_actor("school_eval")
_ESCALATED = "逾期未整改，转上级督办 / Not mended in time: handed on"


async def raise_finding(
    session: AsyncSession, *, finding_id: uuid.UUID, body: FindingIn, actor: Actor, settings: ServiceSettings
) -> tuple[Finding, bool]:
    """Raises a finding of a rated visit; returns it and whether it is new: the same again changes nothing.

    Raises:
        DomainError: ``resource.not_found``, ``finding.visit_not_rated``, ``visit.item_unknown``, ``finding.id_taken``.
    """
    known = await repository.finding_or_none(session, actor, finding_id)
    if known is not None:
        if (known.visit_id, known.item_key, known.description) != (body.visit, body.item, body.description):
            raise DomainError("finding.id_taken")
        return known, False
    visit = await visit_by_id(session, actor, body.visit)
    if visit.state not in SHOWN:
        raise DomainError("finding.visit_not_rated", params={"state": visit.state})
    if body.item not in {item.key for item in await items_of_visit(session, visit, actor=actor)}:
        raise DomainError("visit.item_unknown", params={"item": body.item})
    today = clock.today()
    row = Finding(id=finding_id, visit_id=visit.id, org_path=visit.org_path, office_path=visit.office_path, version=0)
    row.school_code, row.county_code, row.school_name_zh = visit.school_code, visit.county_code, visit.school_name_zh
    row.item_key, row.severity, row.description = body.item, body.severity, body.description
    row.owner_level, row.raised_on, row.escalation_count = path_level(visit.office_path), today, 0
    since = today.replace(year=today.year - days_on("repeated_within_years", today), day=min(today.day, 28))
    earlier = await repository.earlier_findings(session, actor, row.school_code, row.item_key, since=since)
    row.repeats_id, row.repeat_count = (earlier[0].id if earlier else None), len(earlier)
    await _moved(session, row, FindingState.RAISED, "raise", body.description, actor, settings)
    return row, True


async def submit_plan(
    session: AsyncSession, *, row: Finding, body: PlanIn, actor: Actor, settings: ServiceSettings
) -> Finding:
    """The school says how it will mend it.

    Raises:
        DomainError: ``workflow.not_allowed``, ``finding.not_yours``, ``finding.promised_too_late``.
    """
    target = require_step_allowed("plan", row, actor)
    row.responsible_post = body.responsible_post
    await _moved(session, row, target, "plan", body.text, actor, settings, promised=body.done_by)
    return row


async def report_done(
    session: AsyncSession, *, row: Finding, body: WordsIn, actor: Actor, settings: ServiceSettings
) -> Finding:
    """The school says that it is mended; the office owes a look.

    Raises:
        DomainError: ``workflow.not_allowed``, ``finding.not_yours``.
    """
    target = require_step_allowed("report", row, actor)
    await _moved(session, row, target, "report", body.text, actor, settings)
    return row


async def judge(
    session: AsyncSession, *, row: Finding, step: Judgment, body: JudgmentIn, actor: Actor, settings: ServiceSettings
) -> Finding:
    """The office returns, closes, hands on or withdraws a finding.

    Raises:
        DomainError: ``workflow.not_allowed``, ``finding.not_yours``, ``finding.revisit_missing``,
            ``finding.revisit_unfit``.
    """
    target = require_step_allowed(step, row, actor)
    if body.revisit is not None:
        await _require_revisit(session, row, body.revisit, actor)
        row.revisit_id = body.revisit
    if target is FindingState.CLOSED:
        require_seen_on_the_spot(row, has_revisit=body.revisit is not None)
        row.closed_on = clock.today()
    if target is FindingState.ESCALATED:
        _hand_on(row)
    await _moved(session, row, target, step, body.text, actor, settings)
    return row


async def comment(session: AsyncSession, *, row: Finding, text: str, actor: Actor) -> None:
    """Says something without taking a step."""
    await _say(session, row, "comment", text, actor)
    await _kept(session, row, "commented", actor)


async def escalate_overdue(session: AsyncSession, settings: ServiceSettings) -> int:
    """Hands on what schools have not answered or mended in time; returns how many."""
    rows = await repository.overdue_findings(session, PLATFORM, clock.today())
    for row in rows:
        if row.state == FindingState.ESCALATED:  # handed on before: the owner is told again with a new day
            row.escalation_count += 1
        else:
            _hand_on(row)
        await _moved(session, row, FindingState.ESCALATED, "escalate", _ESCALATED, PLATFORM, settings)
    return len(rows)


def _hand_on(row: Finding) -> None:
    row.owner_level = owner_above(OrgLevel(row.owner_level))
    row.escalation_count += 1


async def _require_revisit(session: AsyncSession, row: Finding, visit_id: uuid.UUID, actor: Actor) -> None:
    visit = await visit_by_id(session, actor, visit_id)
    is_fit = visit.kind == VisitKind.REVISIT and visit.school_code == row.school_code and visit.state in SHOWN
    if not is_fit or visit.started_on is None or visit.started_on < row.raised_on:
        raise DomainError("finding.revisit_unfit")


async def _moved(
    session: AsyncSession,
    row: Finding,
    state: FindingState,
    action: str,
    text: str,
    actor: Actor,
    settings: ServiceSettings,
    *,
    promised: dt.date | None = None,
) -> None:
    row.state = state
    if state in DEADLINES:
        due = _window(state, calendar_for(settings, row.org_path))
        row.due_on, row.is_due_provisional = due.last_on, bool(due.unverified_years)
        if promised is not None:
            if not clock.today() <= promised <= due.last_on:
                raise DomainError("finding.promised_too_late", params={"last": str(due.last_on)})
            row.due_on = promised
    await _kept(session, row, state, actor)
    await _say(session, row, action, text, actor)


def _window(state: FindingState, calendar: WorkingCalendar) -> Window:
    days = deadline_rules()[DEADLINES[state]].working_days
    return window(clock.now(), working_days=days, calendar=calendar, zone=clock.CHINA)


async def _say(session: AsyncSession, row: Finding, action: str, text: str, actor: Actor) -> None:
    entry = FindingEntry(finding_id=row.id, org_path=row.org_path, action=action, body=text, at=clock.now())
    entry.author_org = actor.org
    session.add(entry)
    await session.flush()


async def _kept(session: AsyncSession, row: Finding, what: str, actor: Actor) -> None:
    key = {"finding": str(row.id)}
    await keep(session, row, resource="findings", action=f"finding.{what}", key=key, actor=actor)
