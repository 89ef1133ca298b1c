"""Findings in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.findings.rules import AWAITING_SCHOOL, OPEN, FindingState
from services.school_eval.findings.tables import Finding, FindingEntry
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.terms.actor import Actor


def findings_of(actor: Actor) -> Select[Finding]:
    """Findings within the actor's organization."""
    return visible(Finding, actor)


async def finding_by_id(session: AsyncSession, actor: Actor, finding_id: uuid.UUID) -> Finding:
    """A finding; raises ``resource.not_found``."""
    return await one_visible(session, Finding, actor, Finding.id == finding_id, what=f"finding {finding_id}")


async def finding_for_update(session: AsyncSession, actor: Actor, finding_id: uuid.UUID) -> Finding:
    """The same, locked."""
    named = Finding.id == finding_id
    return await one_visible_for_update(session, Finding, actor, named, what=f"finding {finding_id}")


async def finding_or_none(session: AsyncSession, actor: Actor, finding_id: uuid.UUID) -> Finding | None:
    """A finding, if there is one."""
    return (await session.scalars(findings_of(actor).where(Finding.id == finding_id))).one_or_none()


async def earlier_findings(
    session: AsyncSession, actor: Actor, school_code: str, item_key: str, *, since: dt.date
) -> Sequence[Finding]:
    """Findings of the same item at the same school, newest first; what was withdrawn was none."""
    f = Finding
    statement = findings_of(actor).where(f.school_code == school_code, f.item_key == item_key, f.raised_on >= since)
    return (await session.scalars(statement.where(f.state != FindingState.WITHDRAWN).order_by(f.id.desc()))).all()


async def entries_of(session: AsyncSession, actor: Actor, finding: Finding) -> Sequence[FindingEntry]:
    """Everything that was said on a finding, oldest first."""
    statement = visible(FindingEntry, actor).where(FindingEntry.finding_id == finding.id)
    return (await session.scalars(statement.order_by(FindingEntry.id))).all()


async def overdue_findings(session: AsyncSession, actor: Actor, today: dt.date) -> Sequence[Finding]:
    """Findings that a school has not answered or mended in time, locked."""
    f = Finding
    statement = findings_of(actor).where(f.state.in_(AWAITING_SCHOOL), f.due_on < today).order_by(f.id)
    return (await session.scalars(statement.with_for_update(skip_locked=True))).all()


async def board(session: AsyncSession, actor: Actor, today: dt.date) -> Mapping[str, dict[str, Any]]:
    """Findings counted by county."""
    f = Finding
    late = func.count().filter(f.state.in_(OPEN), f.due_on < today)
    repeated, escalated = func.count().filter(f.repeat_count > 0), func.count().filter(f.escalation_count > 0)
    statement = findings_of(actor).with_only_columns(f.county_code, f.state, func.count(), late, repeated, escalated)
    counts = await session.execute(statement.group_by(f.county_code, f.state).order_by(f.county_code))
    found: dict[str, dict[str, Any]] = {}
    for county, state, count, overdue, again, handed_on in counts.all():
        row = found.setdefault(county, {"states": {}, "overdue": 0, "repeated": 0, "escalated": 0})
        row["states"][state] = count
        row["overdue"] += overdue
        row["repeated"] += again
        row["escalated"] += handed_on
    middle = func.percentile_cont(0.5).within_group(f.closed_on - f.raised_on)
    closed = findings_of(actor).where(f.closed_on.is_not(None)).with_only_columns(f.county_code, middle)
    for county, days in (await session.execute(closed.group_by(f.county_code))).all():
        found[county]["median_days_to_close"] = float(days)
    return found
