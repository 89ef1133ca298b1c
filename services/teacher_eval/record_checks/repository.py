"""Spot checks in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection

import polars as pl
from sqlalchemy import Select, func, literal
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.record_checks.rules import FLAGGED_WEIGHT, FRAME_SCHEMA
from services.teacher_eval.record_checks.tables import CheckedRecord, RecordCheck
from services.teacher_eval.teacher_records.rules import RecordState
from services.teacher_eval.teacher_records.tables import TeacherRecord
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.terms.actor import Actor


def checks_of(actor: Actor) -> Select[RecordCheck]:
    """Checks within the actor's organization."""
    return visible(RecordCheck, actor)


async def check_by_code(session: AsyncSession, actor: Actor, code: str) -> RecordCheck:
    """A check of the actor's own office; raises ``resource.not_found``."""
    c = RecordCheck
    return await one_visible(session, c, actor, c.org_path == actor.org, c.code == code, what=f"record check {code}")


async def check_for_update(session: AsyncSession, actor: Actor, code: str) -> RecordCheck:
    """The same, locked."""
    c = RecordCheck
    own = (c.org_path == actor.org, c.code == code)
    return await one_visible_for_update(session, c, actor, *own, what=f"record check {code}")


async def has_check(session: AsyncSession, actor: Actor, code: str) -> bool:
    """Whether the actor's own office has a check of this code."""
    c = RecordCheck
    found = await session.scalars(checks_of(actor).where(c.org_path == actor.org, c.code == code).limit(1))
    return found.first() is not None


async def frame_of(
    session: AsyncSession, actor: Actor, *, first: dt.datetime, before: dt.datetime, kinds: Collection[str]
) -> pl.DataFrame:
    """``FRAME_SCHEMA``: records certified in a time within the actor's organization, by id."""
    t = TeacherRecord
    statement = visible(t, actor).where(t.state == RecordState.CERTIFIED, t.certified_at >= first)
    statement = statement.where(t.certified_at < before)
    if kinds:
        statement = statement.where(t.kind.in_(sorted(kinds)))
    weight = 1 + (FLAGGED_WEIGHT - 1) * func.least(func.jsonb_array_length(t.flags), literal(1))
    rows = (await session.execute(statement.with_only_columns(t.id, t.school_code, t.kind, weight))).all()
    frame = pl.DataFrame([(str(row[0]), *row[1:]) for row in rows], schema=FRAME_SCHEMA, orient="row")
    return frame.sort("unit_code")


def records_of(actor: Actor, check: RecordCheck) -> Select[CheckedRecord]:
    """Drawn records of a check."""
    return visible(CheckedRecord, actor).where(CheckedRecord.check_id == check.id)


async def checked_for_update(
    session: AsyncSession, actor: Actor, check: RecordCheck, record: uuid.UUID
) -> CheckedRecord:
    """A drawn record, locked; raises ``resource.not_found``."""
    c = CheckedRecord
    named = (c.check_id == check.id, c.record_id == record)
    return await one_visible_for_update(session, c, actor, *named, what=f"drawn record {record}")
