"""What is said of pupils, in the database."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.development_words.rules import PEERS
from services.student_eval.development_words.tables import (
    DevelopmentComment,
    DevelopmentWord,
    PeerGroup,
    PeerSheet,
    PeerWord,
)
from shared.kernel.database.repository import one_visible, visible
from shared.terms.actor import Actor

#: How many words of a source gave a level, on whom, on what; of classmates alone there may be several.
WORDS = {
    "term_id": pl.String(),
    "unit_code": pl.String(),
    "leaf": pl.String(),
    "source": pl.String(),
    "level": pl.String(),
    "n": pl.Int64(),
}


def _last(actor: Actor, term_ids: Collection[uuid.UUID]) -> Select[DevelopmentWord]:
    w = DevelopmentWord
    last = (w.term_id, w.student_key, w.leaf, w.source)
    statement = visible(w, actor).where(w.term_id.in_(term_ids))
    return statement.ext(distinct_on(*last)).order_by(*last, w.seq.desc())


async def last_words(
    session: AsyncSession,
    actor: Actor,
    term_id: uuid.UUID,
    *,
    students: Collection[str] | None = None,
    source: str | None = None,
) -> Sequence[DevelopmentWord]:
    """The last word of each source on each checkpoint, by pupil."""
    w, statement = DevelopmentWord, _last(actor, [term_id])
    if students is not None:
        statement = statement.where(w.student_key.in_(students))
    if source is not None:
        statement = statement.where(w.source == source)
    return (await session.scalars(statement)).all()


async def add_words(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds what was said."""
    if rows:
        await session.execute(insert(DevelopmentWord), list(rows))


async def words_frame(session: AsyncSession, actor: Actor, term_ids: Collection[uuid.UUID]) -> pl.DataFrame:
    """Everything said in some terms that counts now (``WORDS``), of classmates too, for a computation."""
    w, p = DevelopmentWord, PeerWord
    # Whose word was taken back has none; the filter stands outside the last words.
    last = _last(actor, term_ids).with_only_columns(w.term_id, w.student_key, w.leaf, w.source, w.level).subquery()
    said = [(str(row[0]), *row[1:], 1) for row in await session.execute(select(last).where(last.c.level.is_not(None)))]
    alike = (p.term_id, p.student_key, p.leaf, p.level)
    peers = visible(p, actor).where(p.term_id.in_(term_ids)).with_only_columns(*alike, func.count()).group_by(*alike)
    said += [(str(term), key, leaf, PEERS, level, n) for term, key, leaf, level, n in await session.execute(peers)]
    return pl.DataFrame(said, schema=WORDS, orient="row").sort(list(WORDS))


def groups_of(actor: Actor, term_id: uuid.UUID) -> Select[PeerGroup]:
    """Groups of a class, by code."""
    return visible(PeerGroup, actor).where(PeerGroup.term_id == term_id).order_by(PeerGroup.code)


async def all_groups(session: AsyncSession, actor: Actor, term_id: uuid.UUID) -> Sequence[PeerGroup]:
    """Groups of a class, by code."""
    return (await session.scalars(groups_of(actor, term_id))).all()


async def group_by_code(session: AsyncSession, actor: Actor, term_id: uuid.UUID, code: str) -> PeerGroup:
    """A group; raises ``resource.not_found``."""
    g = PeerGroup
    return await one_visible(session, g, actor, g.term_id == term_id, g.code == code, what=f"peer group {code}")


async def sheet_counts(session: AsyncSession, actor: Actor, groups: Sequence[PeerGroup]) -> dict[uuid.UUID, int]:
    """How many sheets of each group are in."""
    s = PeerSheet
    statement = visible(s, actor).where(s.group_id.in_([group.id for group in groups]))
    rows = await session.execute(statement.with_only_columns(s.group_id, func.count()).group_by(s.group_id))
    return {row[0]: row[1] for row in rows}


async def has_handed_in(session: AsyncSession, actor: Actor, group: PeerGroup, rater: str) -> bool:
    """Whether somebody's sheet is in."""
    s = PeerSheet
    statement = visible(s, actor).where(s.group_id == group.id, s.rater_key == rater)
    return (await session.scalars(statement)).first() is not None


async def forget_raters(session: AsyncSession, term_ids: Collection[uuid.UUID]) -> None:
    """Who handed in a sheet is forgotten; what the sheets say stays, without a name."""
    of = select(PeerGroup.id).where(PeerGroup.term_id.in_(term_ids))
    await session.execute(delete(PeerSheet).where(PeerSheet.group_id.in_(of)))


async def comments_of(
    session: AsyncSession, actor: Actor, term_ids: Collection[uuid.UUID], *, students: Collection[str] | None = None
) -> Sequence[DevelopmentComment]:
    """Comments of some terms."""
    c, statement = DevelopmentComment, visible(DevelopmentComment, actor)
    statement = statement.where(c.term_id.in_(term_ids))
    if students is not None:
        statement = statement.where(c.student_key.in_(students))
    return (await session.scalars(statement.order_by(c.student_key))).all()
