"""Examining drawn records: each side says what it found, once; what is false is opened by the ordinary procedures."""

from __future__ import annotations

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archive_cancellations.opening import Procedures
from services.student_eval.archive_samples import repository
from services.student_eval.archive_samples.rules import Outcome, Side
from services.student_eval.archive_samples.tables import ArchiveSample, RecordExamination, SampledRecord
from services.student_eval.archives.log import held
from services.student_eval.archives.rules import record_of
from shared.kernel import clock
from shared.kernel.records import keep
from shared.kernel.web.organizations import code_of
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel


def side_of(actor: Actor) -> Side:
    """Whose word an actor's is."""
    return Side.SCHOOL if actor.level is OrgLevel.SCHOOL else Side.OFFICE


async def examine(
    session: AsyncSession,
    *,
    sample: ArchiveSample,
    record_id: uuid.UUID,
    outcome: Outcome,
    reason: str,
    procedures: Procedures,
    actor: Actor,
) -> SampledRecord:
    """Says what one side found of a drawn record.

    Raises:
        DomainError: ``resource.not_found``, ``archive_sample.examined``, ``archive.record_gone``; as
            :meth:`Procedures.question`.
    """
    row = await repository.sampled_record(session, actor, sample, record_id, to_write=True)
    side = side_of(actor)
    said = (await repository.examinations_of(session, actor, [row.id]))[row.id]
    if any(each.side == side for each in said):
        raise DomainError("archive_sample.examined")
    archive = await held(session, actor, row.student_key)
    record_of(archive.state, record_id, row.term)
    if outcome is Outcome.FALSE:
        opened = await procedures.question(session, actor, row.student_key, row.term, record_id, reason)
        row.opened = {**(row.opened or {}), **opened}
    session.add(
        RecordExamination(
            sampled_id=row.id,
            org_path=row.org_path,
            side=side,
            outcome=outcome,
            reason=reason,
            examined_by=actor.subject,
            examined_at=clock.now(),
        )
    )
    if side is Side.OFFICE or not said:
        row.outcome = outcome
    key = {"organization": code_of(sample.org_path), "sample": sample.code, "record": str(record_id)}
    detail = {"side": side, "outcome": outcome}
    action = "archive_sample.examined"
    await keep(session, row, resource="sampled_records", action=action, key=key, actor=actor, detail=detail)
    return row
