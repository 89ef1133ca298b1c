"""Audits, findings and what they are made from, in the database."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence

import polars as pl
from sqlalchemy import Select, func
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archive_audits.rules import FindingState
from services.student_eval.archive_audits.tables import ArchiveAudit, ArchiveFinding
from services.student_eval.archive_terms.tables import ArchiveTerm
from services.student_eval.archives.chain import Entry
from services.student_eval.archives.log import entry_of
from services.student_eval.archives.tables import ArchiveEntry, Evidence
from shared.kernel.database.repository import one_visible_for_update, visible
from shared.kernel.database.scope import within
from shared.scoring.forensics.base import FILE_SCHEMA
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

#: What files of records are about, as ``archives/evidence.py`` mounts them.
_RECORD = "archive_record"


async def class_terms(
    session: AsyncSession, actor: Actor, org_path: str, term: str, states: Collection[str] = ()
) -> Sequence[ArchiveTerm]:
    """A term of all classes at or below an organization, in some states or any."""
    t = ArchiveTerm
    school_year, _, semester = term.rpartition("-")
    named = (within(t.org_path, org_path), t.school_year == school_year, t.semester == int(semester))
    statement = visible(t, actor).where(*named)
    if states:
        statement = statement.where(t.state.in_(sorted(states)))
    return (await session.scalars(statement.order_by(t.school_code, t.class_code))).all()


async def chains_of(session: AsyncSession, actor: Actor, student_keys: Collection[str]) -> Sequence[Entry]:
    """Pupils' whole chains, by pupil and number."""
    e = ArchiveEntry
    statement = visible(e, actor).where(e.student_key.in_(sorted(student_keys)))
    rows = await session.stream_scalars(statement.order_by(e.student_key, e.number))
    return [entry_of(row) async for row in rows]


async def files_of(session: AsyncSession, actor: Actor, org_path: str) -> pl.DataFrame:
    """``FILE_SCHEMA``: files that records at or below an organization have, and how many records elsewhere have them."""
    f = Evidence
    statement = visible(f, actor).where(
        within(f.org_path, org_path), f.subject_type == _RECORD, f.withdrawn_at.is_(None)
    )
    rows = [tuple(row) for row in await session.execute(statement.with_only_columns(f.subject_key, f.sha256))]
    others = visible(f, actor).where(~within(f.org_path, org_path), f.subject_type == _RECORD, f.withdrawn_at.is_(None))
    same = others.where(f.sha256.in_(statement.with_only_columns(f.sha256)))
    counted = same.with_only_columns(f.sha256, func.count(f.subject_key.distinct())).group_by(f.sha256)
    elsewhere: dict[str, int] = dict((await session.execute(counted)).all())
    held = [(record, sha256, elsewhere.get(sha256, 0)) for record, sha256 in rows]
    return pl.DataFrame(held, schema=FILE_SCHEMA, orient="row")


async def files_of_record(session: AsyncSession, actor: Actor, record_id: uuid.UUID) -> Sequence[Evidence]:
    """Files of one record, oldest first."""
    f = Evidence
    statement = visible(f, actor).where(
        f.subject_type == _RECORD, f.subject_key == str(record_id), f.withdrawn_at.is_(None)
    )
    return (await session.scalars(statement.order_by(f.id))).all()


async def newest_audit(session: AsyncSession, actor: Actor, org_path: str, term: str) -> ArchiveAudit:
    """The last audit of a school's term; raises ``resource.not_found``."""
    a = ArchiveAudit
    statement = visible(a, actor).where(a.org_path == org_path, a.term == term).order_by(a.number.desc()).limit(1)
    row = (await session.scalars(statement)).one_or_none()
    if row is None:
        raise DomainError("resource.not_found", params={"what": f"archive audit {term}"})
    return row


async def last_number(session: AsyncSession, actor: Actor, org_path: str, term: str) -> int:
    """Number of the last audit of a school's term, 0 before the first."""
    a = ArchiveAudit
    statement = visible(a, actor).where(a.org_path == org_path, a.term == term)
    return await session.scalar(statement.with_only_columns(func.max(a.number))) or 0


def findings_of(
    actor: Actor, org_path: str, term: str, *, kind: str | None = None, state: str | None = None
) -> Select[ArchiveFinding]:
    """Findings of a school's term."""
    f = ArchiveFinding
    statement = visible(f, actor).where(f.org_path == org_path, f.term == term)
    if kind is not None:
        statement = statement.where(f.kind == kind)
    return statement if state is None else statement.where(f.state == state)


async def finding_for_update(
    session: AsyncSession, actor: Actor, org_path: str, term: str, finding_id: uuid.UUID
) -> ArchiveFinding:
    """A finding, locked; raises ``resource.not_found``."""
    f = ArchiveFinding
    named = (f.org_path == org_path, f.term == term, f.id == finding_id)
    return await one_visible_for_update(session, f, actor, *named, what=f"archive finding {finding_id}")


async def state_counts(
    session: AsyncSession, actor: Actor, org_path: str, term: str
) -> Mapping[str, Mapping[str, int]]:
    """How many findings of a school's term there are, by kind and state."""
    f = ArchiveFinding
    statement = findings_of(actor, org_path, term).with_only_columns(f.kind, f.state, func.count())
    counts: dict[str, dict[str, int]] = {}
    for kind, state, count in (await session.execute(statement.group_by(f.kind, f.state))).all():
        counts.setdefault(kind, {})[state] = count
    return counts


async def questioned_records(
    session: AsyncSession, actor: Actor, org_path: str, term: str, kinds: Collection[str]
) -> set[str]:
    """Records at or below an organization that a finding of some kinds asks about, unless it was cleared."""
    f = ArchiveFinding
    standing = (FindingState.OPEN, FindingState.REFERRED)
    asked = (within(f.org_path, org_path), f.term == term, f.kind.in_(sorted(kinds)), f.state.in_(standing))
    lists = (await session.scalars(visible(f, actor).where(*asked).with_only_columns(f.records))).all()
    return {record for records in lists for record in records}
