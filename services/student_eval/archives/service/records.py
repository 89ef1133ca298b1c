"""Writing, correcting and withdrawing records; guidance; the choice of a term and its signature."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archive_terms.repository import term_held
from services.student_eval.archive_terms.rules import TermState
from services.student_eval.archive_terms.service import member_of
from services.student_eval.archive_terms.tables import ArchiveTerm
from services.student_eval.archives.chain import EntryKind
from services.student_eval.archives.log import Archive, Saying, held, say
from services.student_eval.archives.rules import (
    record_of,
    require_author,
    require_choice,
    require_kept_here,
    require_open,
    require_seen,
    require_time,
)
from services.student_eval.archives.state import ArchiveState, Record
from shared.kernel import clock
from shared.kernel.ids import new_id
from shared.policy.student_archives import EnteredBy, RecordType, archive_policy, field_faults
from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError, Fault
from shared.terms.identity_number import holds_identity_number


@dataclass(frozen=True, slots=True)
class Opened:
    """A pupil's archive in a class's term, held until the transaction is over."""

    term: ArchiveTerm
    archive: Archive
    actor: Actor

    @property
    def student_key(self) -> str:
        """Whose it is."""
        return self.archive.student_key

    @property
    def state(self) -> ArchiveState:
        """What it says."""
        return self.archive.state


async def open_archive(session: AsyncSession, actor: Actor, term_id: uuid.UUID, student_key: str) -> Opened:
    """The archive of a pupil of a class, for writing into it.

    Raises:
        DomainError: ``resource.not_found``; for pupils, everybody's but the own; ``archive.kept_elsewhere`` once the
            pupil has left for another school; ``archive.sealed``.
    """
    require_seen(actor, student_key)
    term = await term_held(session, actor, term_id)
    member_of(term, student_key)
    archive = await held(session, actor, student_key)
    require_kept_here(archive.org_path, term.org_path)
    require_open(archive.state)
    return Opened(term, archive, actor)


async def write_record(
    session: AsyncSession, opened: Opened, *, type_code: str, fields: Mapping[str, Any], text: str
) -> Record:
    """A new record, by the pupil, or of a result the school holds.

    Raises:
        DomainError: ``archive.students_write``, ``archive.school_imports``, ``archive.frozen``, ``archive.not_now``;
            ``request.invalid`` with every faulty field.
    """
    kind = record_type_of(type_code)
    role = require_author(opened.actor, opened.student_key, kind.by)
    require_time(EntryKind.RECORD_WRITTEN, TermState(opened.term.state))
    check_record(kind, fields, text)
    payload = {"type": type_code, "fields": dict(fields), "text": text}
    saying = Saying(EntryKind.RECORD_WRITTEN, payload, role, record_id=new_id(), term=opened.term.term)
    return await _said(session, opened, saying)


async def correct_record(
    session: AsyncSession, opened: Opened, record_id: uuid.UUID, *, fields: Mapping[str, Any], text: str
) -> Record:
    """A record said anew, by whoever wrote it; what was said before stays in the chain."""
    record = record_of(opened.state, record_id, opened.term.term)
    kind = record_type_of(record.type)
    role = require_author(opened.actor, opened.student_key, kind.by)
    require_time(EntryKind.RECORD_CORRECTED, TermState(opened.term.state))
    check_record(kind, fields, text)
    payload = {"fields": dict(fields), "text": text}
    saying = Saying(EntryKind.RECORD_CORRECTED, payload, role, record_id=record_id, term=opened.term.term)
    return await _said(session, opened, saying)


async def withdraw_record(session: AsyncSession, opened: Opened, record_id: uuid.UUID, *, reason: str) -> Record:
    """A record taken back by whoever wrote it."""
    record = record_of(opened.state, record_id, opened.term.term)
    role = require_author(opened.actor, opened.student_key, record_type_of(record.type).by)
    require_time(EntryKind.RECORD_WITHDRAWN, TermState(opened.term.state))
    payload = {"reason": reason}
    saying = Saying(EntryKind.RECORD_WITHDRAWN, payload, role, record_id=record_id, term=opened.term.term)
    return await _said(session, opened, saying)


async def guide(session: AsyncSession, opened: Opened, record_id: uuid.UUID, *, text: str) -> Record:
    """A teacher's word to a record: it stands beside it and changes nothing of it."""
    record_of(opened.state, record_id, opened.term.term)
    require_time(EntryKind.GUIDANCE_GIVEN, TermState(opened.term.state))
    _without_numbers(text)
    saying = Saying(EntryKind.GUIDANCE_GIVEN, {"text": text}, Role.TEACHER, record_id=record_id, term=opened.term.term)
    return await _said(session, opened, saying)


async def choose(session: AsyncSession, opened: Opened, chosen: Sequence[uuid.UUID]) -> ArchiveState:
    """What a pupil puts into the archive of a term; choosing anew takes the signature back."""
    require_author(opened.actor, opened.student_key, EnteredBy.STUDENT)
    require_time(EntryKind.SELECTION_MADE, TermState(opened.term.state))
    require_choice(opened.state, opened.term.term, chosen, archive_policy())
    payload = {"records": [str(each) for each in chosen]}
    saying = Saying(EntryKind.SELECTION_MADE, payload, Role.STUDENT, term=opened.term.term)
    await say(session, opened.actor, opened.archive, saying)
    return opened.state


async def sign_choice(session: AsyncSession, opened: Opened, *, seen_sha256: str) -> ArchiveState:
    """The pupil's signature under the choice as it was seen and still is.

    Raises:
        DomainError: ``archive.nothing_chosen``; ``archive.choice_changed``.
    """
    require_author(opened.actor, opened.student_key, EnteredBy.STUDENT)
    require_time(EntryKind.SELECTION_SIGNED, TermState(opened.term.state))
    term = opened.term.term
    if term not in opened.state.selections:
        raise DomainError("archive.nothing_chosen")
    if seen_sha256 != opened.state.selection_sha256(term):
        raise DomainError("archive.choice_changed")
    payload = {"content_sha256": seen_sha256}
    saying = Saying(EntryKind.SELECTION_SIGNED, payload, Role.STUDENT, term=term)
    await say(session, opened.actor, opened.archive, saying)
    return opened.state


def record_type_of(code: str) -> RecordType:
    """A kind of record; raises ``archive.type_unknown``."""
    kind = archive_policy().record_types.get(code)
    if kind is None:
        raise DomainError(
            "archive.type_unknown", params={"type": code, "known": ", ".join(archive_policy().record_types)}
        )
    return kind


async def _said(session: AsyncSession, opened: Opened, saying: Saying) -> Record:
    await say(session, opened.actor, opened.archive, saying)
    assert saying.record_id is not None  # noqa: S101  every saying of this module is about a record
    return opened.state.records[saying.record_id]


def check_record(kind: RecordType, fields: Mapping[str, Any], text: str) -> None:
    """Raises ``request.invalid`` with every faulty field; ``archive.identity_number`` for somebody's number in a text."""
    faults = [
        Fault(code, pointer=f"/fields/{name}", value=None if fields.get(name) is None else str(fields[name])[:60])
        for name, code in field_faults(kind, fields, clock.today())
    ]
    if faults:
        raise DomainError("request.invalid", faults=faults)
    _without_numbers(text, *(value for value in fields.values() if isinstance(value, str)))


def _without_numbers(*texts: str) -> None:
    if any(holds_identity_number(text) for text in texts):
        raise DomainError("archive.identity_number")
