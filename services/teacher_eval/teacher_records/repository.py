"""Records in the database."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy import Select, Text, cast, func, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.evidence.tables import Evidence
from services.teacher_eval.staff_register.tables import RegisteredStaff
from services.teacher_eval.teacher_records.rules import CLAIMING, RecordState
from services.teacher_eval.teacher_records.tables import RecordVersion, TeacherRecord
from shared.kernel.database.base import Code
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.kernel.database.scope import within
from shared.scoring.records.lines import RECORD_SCHEMA
from shared.terms.actor import Actor

SUBJECT = "teacher_record"
_HOLD = text("select pg_advisory_xact_lock(hashtextextended(:what, 12))")
_KEYS = text("select pg_advisory_xact_lock(hashtextextended(key, 12)) from unnest(cast(:keys as text[])) as key")


async def hold_achievements(session: AsyncSession, achievements: Collection[str]) -> None:
    """Until commit nobody else claims these, in one order so that nobody waits for each other."""
    if achievements:
        await session.execute(_KEYS, {"keys": sorted(achievements)})


async def hold_source(session: AsyncSession, org_path: str, system: str) -> None:
    """Until commit nobody else takes in records of the same system for the same organization."""
    await session.execute(_HOLD, {"what": f"{org_path}\n{system}"})


def records_of(actor: Actor) -> Select[TeacherRecord]:
    """Records within the actor's organization."""
    return visible(TeacherRecord, actor)


def records_of_person(actor: Actor, staff_key: str) -> Select[TeacherRecord]:
    """Records of one person within the actor's organization."""
    return records_of(actor).where(TeacherRecord.staff_key == staff_key)


async def record_by_id(session: AsyncSession, actor: Actor, record: uuid.UUID) -> TeacherRecord:
    """One record; raises ``resource.not_found``."""
    return await one_visible(session, TeacherRecord, actor, TeacherRecord.id == record, what=f"record {record}")


async def own_record(session: AsyncSession, actor: Actor, record: uuid.UUID, person: str) -> TeacherRecord | None:
    """One record if it is about this person; the actor sees everybody's."""
    return (await session.scalars(records_of_person(actor, person).where(TeacherRecord.id == record))).one_or_none()


async def record_for_update(session: AsyncSession, actor: Actor, record: uuid.UUID) -> TeacherRecord:
    """One record, locked; raises ``resource.not_found``."""
    is_it = TeacherRecord.id == record
    return await one_visible_for_update(session, TeacherRecord, actor, is_it, what=f"record {record}")


async def records_for_update(
    session: AsyncSession, actor: Actor, records: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, TeacherRecord]:
    """Some records by id, locked in one order."""
    statement = records_of(actor).where(TeacherRecord.id.in_(records)).order_by(TeacherRecord.id)
    return {row.id: row for row in (await session.scalars(statement.with_for_update())).all()}


async def versions_of(session: AsyncSession, actor: Actor, record: uuid.UUID) -> Sequence[RecordVersion]:
    """Every state of a record, oldest first."""
    statement = visible(RecordVersion, actor).where(RecordVersion.record_id == record)
    return (await session.scalars(statement.order_by(RecordVersion.number))).all()


async def records_of_source(
    session: AsyncSession, actor: Actor, system: str, ids: Collection[str]
) -> Mapping[tuple[str, str], TeacherRecord]:
    """Records that came from a system, by school and the system's own id."""
    t = TeacherRecord
    statement = records_of(actor).where(t.source_system == system, t.source_id.in_(sorted(ids)))
    rows = (await session.scalars(statement.with_for_update())).all()
    return {(row.org_path, str(row.source_id)): row for row in rows}


async def evidence_of(session: AsyncSession, actor: Actor, records: Collection[uuid.UUID]) -> Mapping[str, set[str]]:
    """Hashes of the files that stand, by record."""
    e = Evidence
    statement = visible(e, actor).where(
        e.subject_type == SUBJECT, e.subject_key.in_([str(each) for each in records]), e.withdrawn_at.is_(None)
    )
    found: dict[str, set[str]] = {}
    for key, sha256 in (await session.execute(statement.with_only_columns(e.subject_key, e.sha256))).all():
        found.setdefault(key, set()).add(sha256)
    return found


async def records_with_files(
    session: AsyncSession, actor: Actor, hashes: Collection[str], *, but: Collection[uuid.UUID]
) -> Sequence[tuple[str, uuid.UUID, str, str]]:
    """Claiming records that hold a file of this content: ``sha256, id, org_path, staff_key``; the actor sees everybody's."""
    if not hashes:
        return []
    t, e = TeacherRecord, Evidence
    statement = (
        records_of(actor)
        .join(e, (e.subject_type == SUBJECT) & (e.subject_key == cast(t.id, Code)))
        .where(e.sha256.in_(sorted(hashes)), e.withdrawn_at.is_(None), t.state.in_(sorted(CLAIMING)), t.id.not_in(but))
        .with_only_columns(e.sha256, t.id, t.org_path, t.staff_key)
        .order_by(t.id)
    )
    return [(str(sha256), id_, path, staff) for sha256, id_, path, staff in (await session.execute(statement)).all()]


async def achievements_of(
    session: AsyncSession, actor: Actor, records: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, str | None]:
    """The achievement each of some records claims, by id."""
    t = TeacherRecord
    statement = records_of(actor).where(t.id.in_(records)).with_only_columns(t.id, t.achievement)
    return {row[0]: row[1] for row in (await session.execute(statement)).all()}


async def claims_on(
    session: AsyncSession, actor: Actor, achievements: Collection[str], *, but: Collection[uuid.UUID] = ()
) -> Sequence[tuple[str, int, int]]:
    """``achievement, rank, count`` of everybody's claims; the actor sees everybody's."""
    t = TeacherRecord
    statement = (
        records_of(actor)
        .where(t.achievement.in_(sorted(achievements)), t.state.in_(sorted(CLAIMING)), t.id.not_in(but))
        .with_only_columns(t.achievement, t.author_rank, t.author_count)
    )
    return [(str(row[0]), row[1] or 1, row[2] or 1) for row in (await session.execute(statement)).all()]


async def titles_between(
    session: AsyncSession, actor: Actor, kinds: Collection[str], first: dt.date, last: dt.date
) -> pl.DataFrame:
    """``id, kind, year, title, issuer, achievement, staff_key, org_path`` of claiming records of everybody."""
    t = TeacherRecord
    statement = (
        records_of(actor)
        .where(t.kind.in_(sorted(kinds)), t.happened_on.between(first, last), t.state.in_(sorted(CLAIMING)))
        .with_only_columns(t.id, t.kind, t.happened_on, t.title, t.issuer, t.achievement, t.staff_key, t.org_path)
    )
    rows = [(str(row[0]), row[1], row[2].year, *row[3:]) for row in (await session.execute(statement)).all()]
    names = ("id", "kind", "title", "issuer", "achievement", "staff_key", "org_path")
    schema: dict[str, Any] = dict.fromkeys(names[:2], pl.String) | {"year": pl.Int64}
    return pl.DataFrame(rows, schema=schema | dict.fromkeys(names[2:], pl.String), orient="row")


async def scored_records(
    session: AsyncSession,
    actor: Actor,
    *,
    kinds: Collection[str],
    spans: Collection[str],
    since: dt.date,
    until: dt.date,
    people: Collection[str] | None = None,
    area: str | None = None,
    states: Collection[RecordState] = (RecordState.CERTIFIED,),
    also: Collection[uuid.UUID] = (),
) -> pl.DataFrame:
    """``RECORD_SCHEMA`` and the version of records that may count from ``since`` to ``until``.

    Args:
        session: the transaction.
        actor: who reads.
        kinds: kinds of records.
        spans: those of them that last until they are ended.
        since: first day of the longest window.
        until: last day.
        people: of these alone.
        area: of schools within this organization alone.
        states: states that count.
        also: records taken in whatever state they are in.
    """
    t = TeacherRecord
    reaches = (t.happened_on >= since) | (t.ends_on >= since) | (t.ends_on.is_(None) & t.kind.in_(sorted(spans)))
    statement = records_of(actor).where(t.state.in_(sorted(states)) | t.id.in_(also), t.kind.in_(sorted(kinds)))
    statement = statement.where(t.happened_on <= until, reaches)
    if people is not None:
        statement = statement.where(t.staff_key.in_(sorted(people)))
    if area is not None:
        statement = statement.where(within(t.org_path, area))
    columns = (t.id, t.staff_key, t.kind, t.happened_on, t.ends_on, t.category, t.amount, t.level, t.grade, t.work)
    return await _frame(session, statement, (*columns, t.author_rank, t.author_count, t.version))


async def _frame(session: AsyncSession, statement: Select[TeacherRecord], columns: Sequence[Any]) -> pl.DataFrame:
    """Rows as a frame. A city has two million: each school's come as one text, so that there is no object for each value."""
    cells = [func.coalesce(cast(column, Text), "") for column in columns]
    line = func.concat_ws("\t", *cells)
    texts = statement.with_only_columns(func.string_agg(line, "\n")).group_by(TeacherRecord.school_code)
    lines = "\n".join((await session.scalars(texts)).all())
    return await asyncio.to_thread(_typed, lines)


def _typed(lines: str) -> pl.DataFrame:
    schema = {**RECORD_SCHEMA, "version": pl.Int64()}
    if not lines:
        return pl.DataFrame(schema=schema)
    text = pl.read_csv(
        io.BytesIO(lines.encode()),
        has_header=False,
        separator="\t",
        quote_char=None,
        schema=dict.fromkeys(schema, pl.String),
    )
    return text.select(
        pl.col(name).str.to_date("%Y-%m-%d") if dtype == pl.Date else pl.col(name).cast(dtype)
        for name, dtype in schema.items()
    )


async def titles_of(session: AsyncSession, actor: Actor, records: Collection[uuid.UUID]) -> dict[uuid.UUID, str | None]:
    """Titles of some records, by id."""
    t = TeacherRecord
    statement = records_of(actor).where(t.id.in_(records)).with_only_columns(t.id, t.title)
    return {row[0]: row[1] for row in (await session.execute(statement)).all()}


async def post_holders(session: AsyncSession, actor: Actor, posts: Collection[str]) -> Sequence[tuple[str, str, str]]:
    """``staff_key, post, org_path`` of active staff of the actor's organization with one of some posts."""
    r = RegisteredStaff
    statement = visible(r, actor).where(r.is_active, r.post.in_(sorted(posts))).order_by(r.staff_key)
    rows = (await session.execute(statement.with_only_columns(r.staff_key, r.post, r.org_path))).all()
    return [(row[0], str(row[1]), row[2]) for row in rows]


async def certified_levels(
    session: AsyncSession, actor: Actor, kind: str, people: Collection[str]
) -> Sequence[tuple[str, str, dt.date]]:
    """``staff_key, level, day`` of certified achievements of a kind, by day."""
    t = TeacherRecord
    statement = records_of(actor).where(
        t.kind == kind, t.state == RecordState.CERTIFIED, t.staff_key.in_(sorted(people))
    )
    rows = await session.execute(
        statement.with_only_columns(t.staff_key, t.level, t.happened_on).order_by(t.happened_on, t.id)
    )
    return [(row[0], str(row[1]), row[2]) for row in rows.all()]
