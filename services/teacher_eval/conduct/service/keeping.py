"""What every step of a case leaves: its version, its words, a note in the audit log. Never an entry in the change feed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.conduct.rules import LIFE, OPEN, OVER, CaseState
from services.teacher_eval.conduct.tables import ConductCase, ConductEntry
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.terms.actor import Actor

#: Steps whose words the person reads.
SHOWN = frozenset({"notify", "state", "record_hearing", "decide", "annul", "change", "take_effect", "expire", "lift"})


async def move(
    session: AsyncSession, row: ConductCase, step: str, *, body: str, actor: Actor, document: str | None = None
) -> None:
    """Takes a step that the table of life allows; raises ``workflow.not_allowed``."""
    row.state = LIFE.target(step, CaseState(row.state))
    if row.state in OVER:
        row.ended_on = clock.today()
    if row.state not in OPEN and row.suspended_on is not None and row.suspension_ended_on is None:
        row.suspension_ended_on = clock.today()
    is_told = step in SHOWN or (step == "close" and row.notified_at is not None)
    await record(session, row, step, body=body, actor=actor, document=document, is_shown=is_told)


async def record(
    session: AsyncSession,
    row: ConductCase,
    action: str,
    *,
    body: str,
    actor: Actor,
    document: str | None = None,
    is_shown: bool = False,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Keeps what was done, with its words."""
    row.version = (row.version or 0) + 1
    session.add(row)
    await session.flush()
    entry = ConductEntry(case_id=row.id, org_path=row.org_path, action=action, body=body, document=document)
    entry.is_shown, entry.author_org, entry.at = is_shown, actor.org, clock.now()
    session.add(entry)
    await session.flush()
    note(session, actor, f"conduct_case.{action}", str(row.id), {"state": row.state, **(detail or {})})


def note_read(session: AsyncSession, actor: Actor, what: str, count: int = 1) -> None:
    """Notes that a case, or several, were read: always, whoever reads."""
    note(session, actor, "conduct_case.read", what, {"count": count})
