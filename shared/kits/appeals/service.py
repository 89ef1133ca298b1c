"""Submitting an appeal and every step after it, with its words in the thread."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kits.appeals import repository
from shared.kits.appeals.rules import Parties, require_lawful_effect, require_step
from shared.kits.appeals.tables import Appeal, AppealMessage, Side
from shared.kits.subject import Subject, row_for_update, tell_change
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.workflow.appeals import (
    APPEAL_LIFE,
    APPELLANT_STEPS,
    OPEN,
    AppealDeadlines,
    AppealState,
    Outcome,
    keeps_deadline,
)

#: Applies what a ruling orders, in its transaction; returns what it changed. What it raises undoes the ruling.
ApplyEffect = Callable[[AsyncSession, Actor, Appeal, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Appeals:
    """A service's appeals about one kind of thing.

    Args:
        table: its table of appeals.
        messages: its table of messages.
        parties: how its sides are told apart.
        apply: applies the effect of a ruling; without it rulings have none.
    """

    table: type[Appeal]
    messages: type[AppealMessage]
    parties: Parties = field(default_factory=Parties)
    apply: ApplyEffect | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a ruling or a review says: the outcome, its reasons, and what is to be changed."""

    outcome: Outcome
    body: str
    effect: Mapping[str, Any] | None = None


async def submit(
    session: AsyncSession,
    *,
    on: Appeals,
    subject: Subject,
    grounds: str,
    points: Sequence[Any],
    asks_for: str | None,
    deadlines: AppealDeadlines,
) -> Appeal:
    """Appeals against a thing; raises ``appeal.already_open`` while an own appeal against it is not over."""
    await repository.hold_subject(session, subject)
    own = repository.own_appeals(on.table, subject.actor, by_person=on.parties.by_person)
    if await repository.open_appeals(session, on.table, subject, own):
        raise DomainError("appeal.already_open")
    at, make = clock.now(), _maker(on.table)
    row: Appeal = make(
        subject_type=subject.type,
        subject_key=subject.key,
        org_path=subject.org_path,
        appellant=subject.actor.subject,
        appellant_org=subject.actor.org,
        points=list(points),
        grounds=grounds,
        asks_for=asks_for,
        submitted_at=at,
        state=AppealState.SUBMITTED,
        unverified_years=[],
        version=0,
    )
    session.add(row)
    _start_clock(row, deadlines, at)
    await _record(session, on, row, subject.actor, Side.APPELLANT, kind="submitted", body=grounds)
    return row


async def take_step(
    session: AsyncSession,
    *,
    on: Appeals,
    subject: Subject,
    appeal_id: uuid.UUID,
    action: str,
    body: str,
    deadlines: AppealDeadlines,
    assignee: str | None = None,
) -> Appeal:
    """Takes a step that decides nothing about the matter: accept, investigate, withdraw, ask for a review; or refuses it.

    Raises:
        DomainError: ``resource.not_found``, ``workflow.not_allowed``, ``appeal.not_yours``, ``appeal.too_late``.
    """
    row = await row_for_update(session, on.table, subject, appeal_id, what="appeal")
    at = clock.now()
    row.state = require_step(on.parties, row, action, subject.actor, at)
    if action == "refuse":
        row.decided_by, row.decided_org, row.decided_at = subject.actor.subject, subject.actor.org, at
    elif action == "investigate":
        row.assignee = assignee
    _start_clock(row, deadlines, at)
    side = Side.APPELLANT if action in APPELLANT_STEPS else Side.HANDLER
    await _record(session, on, row, subject.actor, side, kind=action, body=body)
    return row


async def rule(
    session: AsyncSession,
    *,
    on: Appeals,
    subject: Subject,
    appeal_id: uuid.UUID,
    action: str,
    ruling: Ruling,
    deadlines: AppealDeadlines,
) -> Appeal:
    """Rules on an appeal (``rule``) or reviews a ruling (``decide_review``), and applies what is ordered.

    Raises:
        DomainError: as :func:`take_step`; ``appeal.effect_refused``; whatever the service's own apply refuses.
    """
    row = await row_for_update(session, on.table, subject, appeal_id, what="appeal")
    at = clock.now()
    state = require_step(on.parties, row, action, subject.actor, at)
    require_lawful_effect(ruling.outcome, ruling.effect, can_apply=on.apply is not None)
    applied = None
    if ruling.effect is not None and on.apply is not None:
        applied = dict(await on.apply(session, subject.actor, row, ruling.effect))
    effect = None if ruling.effect is None else dict(ruling.effect)
    row.state = state
    if action == "rule":
        row.decided_by, row.decided_org, row.decided_at = subject.actor.subject, subject.actor.org, at
        row.outcome, row.effect, row.applied = ruling.outcome, effect, applied
    else:
        row.reviewed_by, row.reviewed_at = subject.actor.subject, at
        row.review_outcome, row.review_effect, row.review_applied = ruling.outcome, effect, applied
    _start_clock(row, deadlines, at)
    await _record(session, on, row, subject.actor, Side.HANDLER, kind=action, body=ruling.body)
    return row


async def comment(
    session: AsyncSession, *, on: Appeals, subject: Subject, appeal_id: uuid.UUID, side: Side, body: str
) -> Appeal:
    """Adds words of one side to the thread of an appeal that is not over.

    Raises:
        DomainError: ``resource.not_found``, ``appeal.over``, ``appeal.not_yours`` for somebody of another side.
    """
    row = await row_for_update(session, on.table, subject, appeal_id, what="appeal")
    if row.state not in OPEN:
        raise DomainError("appeal.over", params={"state": row.state})
    is_own = on.parties.is_appellant(row, subject.actor)
    if is_own is not (side is Side.APPELLANT):
        raise DomainError("appeal.not_yours", params={"action": "comment"})
    await _record(session, on, row, subject.actor, side, kind="comment", body=body)
    return row


async def let_lapse(session: AsyncSession, *, on: Appeals, actor: Actor) -> Sequence[Appeal]:
    """Makes rulings final for which nobody asked for a review in time; returns them."""
    at = clock.now()
    rows = (await session.scalars(repository.lapsed(on.table, actor, at))).all()
    for row in rows:
        row.state, row.ended_at = APPEAL_LIFE.target("lapse", AppealState(row.state)), at
        row.due_at, row.due_rule = None, None
        body = "期限内未申请复核，裁定生效 / no review was asked for in time; the ruling stands"
        await _record(session, on, row, actor, Side.PLATFORM, kind="lapse", body=body)
    return rows


def _maker(table: Any) -> Any:
    """A mixin's table takes its columns only where a service has made it a table."""
    return table


def _start_clock(row: Appeal, deadlines: AppealDeadlines, at: dt.datetime) -> None:
    state = AppealState(row.state)
    row.ended_at = None if state in OPEN else at
    if keeps_deadline(state):
        return
    span = deadlines.after(state, at)
    row.due_at = None if span is None else span.ends_at
    row.due_rule = None if span is None else deadlines.rule_of(state)
    row.unverified_years = [] if span is None else list(span.unverified_years)


async def _record(
    session: AsyncSession, on: Appeals, row: Appeal, actor: Actor, side: Side, *, kind: str, body: str
) -> None:
    row.version += 1
    await session.flush()
    make = _maker(on.messages)
    session.add(
        make(
            appeal_id=row.id,
            org_path=row.org_path,
            kind=kind,
            body=body,
            side=side,
            author=actor.subject,
            author_org=actor.org,
            at=clock.now(),
        )
    )
    await session.flush()
    detail: dict[str, object] = {
        "subject_type": row.subject_type,
        "subject_key": row.subject_key,
        "state": row.state,
        "outcome": row.review_outcome or row.outcome,
    }
    note(session, actor, f"appeal.{kind}", str(row.id), detail)
    await tell_change(session, row)
