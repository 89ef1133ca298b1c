"""One step of one title: its state, its words in the thread, its trace."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.titles.rules import LIFE, TitleState
from services.teacher_eval.titles.tables import Title, TitleEntry, TitleRound
from shared.kernel import clock
from shared.kernel.records import keep
from shared.terms.actor import Actor


async def move(
    session: AsyncSession,
    of: TitleRound,
    row: Title,
    step: str,
    *,
    body: str,
    actor: Actor,
    document: str | None = None,
) -> None:
    """Takes a step that the table of life allows; raises ``workflow.not_allowed``."""
    row.state = LIFE.target(step, TitleState(row.state))
    await kept(session, of, row, step, actor)
    await say(session, row, step, body=body, document=document, actor=actor)


async def say(
    session: AsyncSession, row: Title, action: str, *, body: str, actor: Actor, document: str | None = None
) -> None:
    """Adds to the thread of a title."""
    entry = TitleEntry(title_id=row.id, org_path=row.org_path, action=action, body=body, document=document)
    entry.author_org, entry.at = actor.org, clock.now()
    session.add(entry)
    await session.flush()


async def kept(session: AsyncSession, of: TitleRound, row: Title, what: str, actor: Actor) -> None:
    """Writes a title with its traces."""
    key = {"title_round": of.code, "staff": row.staff_key}
    await keep(session, row, resource="titles", action=f"title.{what}", key=key, actor=actor)
