"""Corrections of what was verified: allowed for one record by a document, made by its author, kept with their reason."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archives.chain import EntryKind
from services.student_eval.archives.log import Archive, Saying, held, say
from services.student_eval.archives.rules import require_author, require_correctable, require_open, verified_record
from services.student_eval.archives.service.records import check_record, record_type_of
from services.student_eval.archives.state import Record
from shared.terms.actor import Actor, Role


async def allow_correction(
    session: AsyncSession, actor: Actor, student_key: str, record_id: uuid.UUID, *, reason: str, document: str
) -> Record:
    """The school lets a record of a verified term be said anew, once.

    Raises:
        DomainError: ``archive.sealed`` until the archive is reopened; ``archive.not_verified``; ``archive.record_gone``.
    """
    archive, record = await _verified(session, actor, student_key, record_id)
    payload = {"reason": reason, "document": document}
    saying = Saying(EntryKind.CORRECTION_ALLOWED, payload, Role.SCHOOL_ADMIN, record_id=record_id, term=record.term)
    await say(session, actor, archive, saying)
    return archive.state.records[record_id]


async def correct(
    session: AsyncSession,
    actor: Actor,
    student_key: str,
    record_id: uuid.UUID,
    *,
    fields: Mapping[str, Any],
    text: str,
    reason: str,
) -> Record:
    """A verified record said anew by whoever wrote it; every version stays in the chain.

    Raises:
        DomainError: ``archive.correction_not_allowed`` without the school's leave; ``archive.students_write``,
            ``archive.school_imports``; ``request.invalid`` with every faulty field.
    """
    archive, record = await _verified(session, actor, student_key, record_id)
    kind = record_type_of(record.type)
    role = require_author(actor, student_key, kind.by)
    require_correctable(record)
    check_record(kind, fields, text)
    payload = {"fields": dict(fields), "text": text, "reason": reason}
    saying = Saying(EntryKind.RECORD_CORRECTED, payload, role, record_id=record_id, term=record.term)
    await say(session, actor, archive, saying)
    return archive.state.records[record_id]


async def _verified(
    session: AsyncSession, actor: Actor, student_key: str, record_id: uuid.UUID
) -> tuple[Archive, Record]:
    archive = await held(session, actor, student_key)
    require_open(archive.state)
    return archive, verified_record(archive.state, record_id)
