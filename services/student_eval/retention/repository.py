"""What is past its time, in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Integer, Select, String, Uuid, cast, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archives.chain import EntryKind
from services.student_eval.archives.tables import ArchiveEntry, Evidence, SealedArchive
from services.student_eval.fitness.tables import FitnessSheet
from services.student_eval.guardianships.tables import Guardianship
from services.student_eval.retention.rules import ItemState
from services.student_eval.retention.tables import LegalHold, RetentionItem
from shared.kernel import clock
from shared.kernel.audit.tables import AuditRecord
from shared.kernel.database.repository import one_visible, visible
from shared.kernel.ids import new_id
from shared.policy.retention import retention_policy, school_year_end
from shared.terms.actor import Actor

#: As many as one round of the sweep lists of a kind; the next round goes on.
MOST = 5_000
#: Name of the list in the audit log.
LIST = "retention_items"
_RECORD = "archive_record"


def items_of(actor: Actor, *, state: str | None = None, kind: str | None = None) -> Select[RetentionItem]:
    """What is past its time within the actor's organization."""
    i, statement = RetentionItem, visible(RetentionItem, actor)
    if state is not None:
        statement = statement.where(i.state == state)
    if kind is not None:
        statement = statement.where(i.kind == kind)
    return statement


async def items_for_update(session: AsyncSession, actor: Actor, ids: Collection[uuid.UUID]) -> Sequence[RetentionItem]:
    """Some of them, locked, in one order."""
    statement = visible(RetentionItem, actor).where(RetentionItem.id.in_(sorted(ids))).order_by(RetentionItem.id)
    return (await session.scalars(statement.with_for_update())).all()


def holds_of(actor: Actor, *, is_standing: bool | None = None) -> Select[LegalHold]:
    """Orders at, below and above the actor's organization."""
    statement = visible(LegalHold, actor)
    if is_standing is not None:
        released = LegalHold.released_at.is_(None)
        statement = statement.where(released if is_standing else ~released)
    return statement


async def standing_holds(session: AsyncSession, actor: Actor) -> Sequence[LegalHold]:
    """Orders that stand."""
    return (await session.scalars(holds_of(actor, is_standing=True))).all()


async def hold_by_id(session: AsyncSession, actor: Actor, hold_id: uuid.UUID) -> LegalHold:
    """An order; raises ``resource.not_found``."""
    return await one_visible(session, LegalHold, actor, LegalHold.id == hold_id, what="legal hold")


async def was_listed_since(session: AsyncSession, moment: dt.datetime) -> bool:
    """Whether everything that was past its time was listed since a moment."""
    a = AuditRecord
    statement = select(a.seq).where(a.object == LIST, a.action == "retention.listed", a.at >= moment)
    return await session.scalar(statement.limit(1)) is not None


async def list_due(session: AsyncSession, actor: Actor, today: dt.date) -> tuple[int, bool]:
    """Lists what is past its time and not listed yet, and again what was kept until now.

    Returns:
        How many, and whether that was all.
    """
    count, is_all = 0, True
    for kind, statement in _due(today).items():
        i = RetentionItem
        known = select(i.id).where(i.kind == kind, i.object_id == statement.selected_columns[0])
        found = (await session.execute(statement.where(~known.exists()).limit(MOST))).all()
        policy = retention_policy()[kind]
        rows = [
            {
                "id": new_id(),
                "kind": kind,
                "object_id": row[0],
                "org_path": row[1],
                "student_key": row[2],
                "sha256": row[3],
                "due_on": policy.due_on(_first_day(row[4])),
                "state": ItemState.LISTED,
            }
            for row in found
        ]
        if rows:
            await session.execute(insert(i).on_conflict_do_nothing(), rows)
        count, is_all = count + len(rows), is_all and len(rows) < MOST
    return count + await _again(session, actor, today), is_all


async def _again(session: AsyncSession, actor: Actor, today: dt.date) -> int:
    i = RetentionItem
    statement = visible(i, actor).where(i.state == ItemState.KEPT, i.kept_until <= today).limit(MOST)
    rows = (await session.scalars(statement.with_for_update(skip_locked=True))).all()
    for row in rows:
        row.state, row.kept_until, row.decided_at = ItemState.LISTED, None, None
        row.version += 1
    return len(rows)


def _first_day(value: Any) -> dt.date:
    if isinstance(value, str):
        return school_year_end(value)
    return value.astimezone(clock.CHINA).date() if isinstance(value, dt.datetime) else value


def _due(today: dt.date) -> dict[str, Select[*tuple[Any, ...]]]:
    """By kind: id, place, whose, hash and beginning of everything that is past its time."""
    before = {
        kind: began for kind, policy in retention_policy().items() if (began := policy.began_before(today)) is not None
    }
    f, g = FitnessSheet, Guardianship
    no_hash, nobody = literal(None, String), literal(None, String)
    return {
        "withdrawn_evidence": _withdrawn(_over(before["withdrawn_evidence"])),
        "archive_evidence": _of_sealed(_over(before["archive_evidence"])),
        "fitness_results": select(f.id, f.org_path, nobody, f.sha256, f.school_year).where(
            f.erased_at.is_(None), _year_end(f.school_year) <= before["fitness_results"]
        ),
        "guardianships": select(g.id, g.org_path, g.student_key, no_hash, g.ended_on).where(
            g.ended_on <= before["guardianships"]
        ),
    }


def _withdrawn(until: dt.datetime) -> Select[*tuple[Any, ...]]:
    """Files withdrawn before a moment, with the pupil of their record."""
    a, e = ArchiveEntry, Evidence
    owner = select(a.student_key).where(a.record_id == cast(e.subject_key, Uuid), a.kind == EntryKind.RECORD_WRITTEN)
    statement = select(e.id, e.org_path, owner.correlate(e).scalar_subquery(), e.sha256, e.withdrawn_at)
    return statement.where(e.subject_type == _RECORD, e.withdrawn_at < until)


def _of_sealed(until: dt.datetime) -> Select[*tuple[Any, ...]]:
    """Files of archives last sealed before a moment: from the archives to their records, and to the files of those."""
    a, e, s = ArchiveEntry, Evidence, SealedArchive
    last = func.max(s.sealed_at)
    sealed = select(s.student_key, last.label("at")).group_by(s.student_key).having(last < until).subquery()
    return (
        select(e.id, e.org_path, a.student_key, e.sha256, sealed.c.at)
        .select_from(sealed)
        .join(a, (a.student_key == sealed.c.student_key) & (a.kind == EntryKind.RECORD_WRITTEN))
        .join(e, (e.subject_type == _RECORD) & (e.subject_key == cast(a.record_id, String)))
        .where(e.withdrawn_at.is_(None))
    )


def _over(last_on: dt.date) -> dt.datetime:
    """The moment a day is over."""
    return dt.datetime.combine(last_on + dt.timedelta(days=1), dt.time.min, clock.CHINA)


def _year_end(school_year: Any) -> Any:
    return func.make_date(cast(func.right(school_year, 4), Integer), 8, 31)
