"""Drafting, opening, closing and withdrawing notices."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kits.publicity import repository
from shared.kits.publicity.tables import Audience, Notice
from shared.kits.subject import Subject, row_for_update, tell_change
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.workflow.calendar import WorkingCalendar
from shared.workflow.clocks import deadline_rules, window
from shared.workflow.publicity import NOTICE_LIFE, NoticeState, require_not_frozen, require_over

N = TypeVar("N", bound=Notice)


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 of a snapshot's canonical JSON: members sorted, no blanks, UTF-8."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


async def draft_notice(
    session: AsyncSession,
    *,
    table: type[N],
    subject: Subject,
    title_zh: str,
    content: Mapping[str, Any],
    audience: Audience = Audience.ORGANIZATION,
    rule: str = "publicity.default",
    working_days: int | None = None,
) -> N:
    """Drafts a notice: the snapshot as it would be shown, and for how long.

    Args:
        session: the transaction.
        table: the service's table of notices.
        subject: what the notice is about.
        title_zh: its heading.
        content: the snapshot, JSON.
        audience: who will be shown it.
        rule: name in ``deadlines.yaml`` of how long it stands.
        working_days: another length within the rule's bounds.

    Raises:
        DomainError: ``publicity.standing`` when one is drafted or open, ``publicity.length_out_of_bounds``.
    """
    bounds = deadline_rules()[rule]
    days = bounds.chosen(working_days)
    if days is None:
        raise DomainError("publicity.length_out_of_bounds", params={"least": bounds.least, "most": bounds.most})
    if await repository.standing_notice(session, table, subject) is not None:
        raise DomainError("publicity.standing")
    make: Any = table
    row: N = make(
        subject_type=subject.type,
        subject_key=subject.key,
        org_path=subject.org_path,
        title_zh=title_zh,
        audience=audience,
        content=dict(content),
        content_sha256=content_hash(content),
        state=NoticeState.DRAFTED,
        rule=rule,
        working_days=days,
        drafted_by=subject.actor.subject,
        unverified_years=[],
    )
    session.add(row)
    await _record(session, row, subject.actor, "notice.drafted")
    return row


async def open_notice(
    session: AsyncSession,
    *,
    table: type[N],
    subject: Subject,
    notice_id: uuid.UUID,
    content: Mapping[str, Any],
    calendar: WorkingCalendar,
) -> N:
    """Shows a drafted notice from now on, if the thing is still as the draft shows it.

    Raises:
        DomainError: ``resource.not_found``, ``workflow.not_allowed``, ``publicity.content_changed``.
    """
    row = await row_for_update(session, table, subject, notice_id, what="notice")
    state = NOTICE_LIFE.target("open", NoticeState(row.state))
    if content_hash(content) != row.content_sha256:
        raise DomainError("publicity.content_changed")
    span = window(clock.now(), working_days=row.working_days, calendar=calendar, zone=clock.CHINA)
    row.state, row.opened_by, row.opened_at = state, subject.actor.subject, span.begins_at
    row.first_on, row.last_on, row.ends_at = span.first_on, span.last_on, span.ends_at
    row.unverified_years = list(span.unverified_years)
    await _record(session, row, subject.actor, "notice.opened")
    return row


async def close_notice(session: AsyncSession, *, table: type[N], subject: Subject, notice_id: uuid.UUID) -> N:
    """Ends a notice whose window is over; raises ``publicity.not_over``, ``workflow.not_allowed``."""
    row = await row_for_update(session, table, subject, notice_id, what="notice")
    await end_notice(session, row, subject.actor)
    return row


async def end_notice(session: AsyncSession, row: Notice, actor: Actor) -> None:
    """Ends a locked notice whose window is over; raises ``publicity.not_over``, ``workflow.not_allowed``."""
    at = clock.now()
    state = NOTICE_LIFE.target("close", NoticeState(row.state))
    require_over(at, row.ends_at or at)
    row.state, row.closed_at = state, at
    await _record(session, row, actor, "notice.closed")


async def withdraw_notice(
    session: AsyncSession, *, table: type[N], subject: Subject, notice_id: uuid.UUID, reason: str
) -> N:
    """Takes a notice down before its time, with a reason; what it has shown is kept. Raises ``workflow.not_allowed``."""
    row = await row_for_update(session, table, subject, notice_id, what="notice")
    row.state = NOTICE_LIFE.target("withdraw", NoticeState(row.state))
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = clock.now(), subject.actor.subject, reason
    await _record(session, row, subject.actor, "notice.withdrawn")
    return row


async def require_not_shown(session: AsyncSession, table: type[N], subject: Subject) -> None:
    """Refuses a change of what is being shown; the notice is locked, so none opens meanwhile: ``publicity.frozen``."""
    row = await repository.standing_notice(session, table, subject)
    require_not_frozen(None if row is None else NoticeState(row.state))


def is_within_window(row: Notice, at: dt.datetime) -> bool:
    """Whether a notice is being shown and its window runs."""
    return row.state == NoticeState.OPEN and row.ends_at is not None and at < row.ends_at


async def _record(session: AsyncSession, row: Notice, actor: Actor, action: str) -> None:
    row.version = (row.version or 0) + 1
    await session.flush()
    # The hash stands in the chained log: what was shown from when to when can be proven without trusting this table.
    detail: dict[str, object] = {
        "subject_type": row.subject_type,
        "subject_key": row.subject_key,
        "sha256": row.content_sha256,
    }
    if row.ends_at is not None:
        detail["ends_at"] = row.ends_at.isoformat()
    note(session, actor, action, str(row.id), detail)
    await tell_change(session, row)
