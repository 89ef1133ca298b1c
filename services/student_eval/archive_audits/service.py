"""Asking for an audit, and answering what it asks."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archive_audits.rules import FINDING_LIFE, FindingState
from services.student_eval.archive_audits.tables import ArchiveFinding
from services.student_eval.archive_cancellations.opening import Procedures
from services.student_eval.archives.tables import ArchiveEntry
from shared.kernel import clock
from shared.kernel.database.repository import visible
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job
from shared.kernel.records import keep
from shared.kernel.web.organizations import code_of
from shared.policy.record_forensics import forensics_policy
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

AUDIT_JOB = "audit_archives"


async def ask_audit(session: AsyncSession, *, org_path: str, term: str, actor: Actor) -> Job:
    """Asks for an audit of a school's term; raises ``archive_audit.elsewhere`` for a school that is not the actor's."""
    if not actor.covers(org_path):
        raise DomainError("archive_audit.elsewhere")
    args = {"org_path": org_path, "term": term}
    return await enqueue(
        session, actor, AUDIT_JOB, args=args, org_path=org_path, lock=f"archive-audit-{org_path}-{term}"
    )


async def take_step(
    session: AsyncSession, *, row: ArchiveFinding, action: str, reason: str, actor: Actor
) -> ArchiveFinding:
    """Answers a finding, or asks it again; raises ``workflow.not_allowed``."""
    row.state = FINDING_LIFE.target(action, FindingState(row.state))
    _decided(row, reason, actor)
    await keep_finding(session, row, action, actor)
    return row


async def refer(
    session: AsyncSession,
    *,
    row: ArchiveFinding,
    records: Sequence[uuid.UUID],
    reason: str,
    procedures: Procedures,
    actor: Actor,
) -> ArchiveFinding:
    """Opens a doubt or a cancellation about some of a finding's records.

    Raises:
        DomainError: ``workflow.not_allowed``; ``archive_audit.not_concerned`` naming a record; as
            :meth:`Procedures.question`.
    """
    row.state = FINDING_LIFE.target("refer", FindingState(row.state))
    for record_id in records:
        if str(record_id) not in row.records:
            raise DomainError("archive_audit.not_concerned", params={"record": record_id})
        student = await _student_of(session, actor, record_id)
        opened = await procedures.question(session, actor, student, row.term, record_id, reason)
        row.opened = [*row.opened, opened]
    _decided(row, reason, actor)
    await keep_finding(session, row, "refer", actor)
    return row


async def keep_finding(session: AsyncSession, row: ArchiveFinding, action: str, actor: Actor) -> None:
    """Writes a finding and what was done to it."""
    key = {"organization": code_of(row.org_path), "term": row.term, "finding": row.fingerprint[:16]}
    await keep(
        session,
        row,
        resource="archive_findings",
        action=f"archive_finding.{action}",
        key=key,
        actor=actor,
        detail={"kind": row.kind, "records": len(row.records)},
    )


def marking_kinds() -> list[str]:
    """Kinds of findings whose records are drawn more often."""
    return [code for code, words in forensics_policy().findings.items() if words.marks_records]


def _decided(row: ArchiveFinding, reason: str, actor: Actor) -> None:
    row.reason, row.decided_by, row.decided_at = reason, actor.subject, clock.now()


async def _student_of(session: AsyncSession, actor: Actor, record_id: uuid.UUID) -> str:
    e = ArchiveEntry
    statement = visible(e, actor).where(e.record_id == record_id).with_only_columns(e.student_key).limit(1)
    return str((await session.scalars(statement)).one())
