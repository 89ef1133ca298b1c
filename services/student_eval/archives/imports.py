"""Results that the school holds, taken into archives from a file: proficiency results, credits, fitness."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archive_terms.repository import term_held
from services.student_eval.archive_terms.rules import TermState
from services.student_eval.archive_terms.tables import ArchiveTerm
from services.student_eval.archives.chain import EntryKind
from services.student_eval.archives.log import Archive, Saying, all_held, say
from services.student_eval.archives.rules import STAFF, require_open, require_time
from services.student_eval.archives.service.records import record_type_of
from services.student_eval.archives.state import RecordStatus
from shared.kernel import clock
from shared.kernel.context import Kernel
from shared.kernel.ids import new_id
from shared.kernel.personal import person_key
from shared.kernel.tabular.columns import ROW, Column, ColumnKind
from shared.kernel.tabular.read import ReadTable, read_table
from shared.kernel.web.upload import SpooledFile
from shared.policy.student_archives import EnteredBy, FieldKind, RecordType, archive_policy, field_faults
from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError

STUDENT_NUMBER, STUDENT_KEY = "student_number", "student_key"
_KINDS = {
    FieldKind.COUNT: ColumnKind.INTEGER,
    FieldKind.MINUTES: ColumnKind.INTEGER,
    FieldKind.DATE: ColumnKind.CODE,
    FieldKind.TEXT: ColumnKind.TEXT,
}


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file did, or would do."""

    table: ReadTable
    written: int = 0
    known: int = 0


def columns_of(kind: RecordType) -> list[Column]:
    """Columns of a file of one kind of record."""
    number = Column(STUDENT_NUMBER, ColumnKind.CODE, required=True, aliases=("学籍号",), max_length=40, sensitive=True)
    names = archive_policy().field_names
    fields = [
        Column(
            name,
            _KINDS[field],
            required=name in kind.required,
            optional=name not in kind.required,
            aliases=(names[name]["zh"],),
        )
        for name, field in kind.fields.items()
    ]
    return [number, *fields]


def imported_type_of(code: str) -> RecordType:
    """A kind that the school imports; raises ``archive.type_unknown``, ``archive.students_write``."""
    kind = record_type_of(code)
    if kind.by is not EnteredBy.SCHOOL:
        raise DomainError("archive.students_write")
    return kind


async def take_file(
    session: AsyncSession,
    kernel: Kernel,
    *,
    term_id: uuid.UUID,
    type_code: str,
    file: SpooledFile,
    dry_run: bool,
    actor: Actor,
) -> Taken:
    """Writes a record for every row; what an archive says already is not said again. One fault refuses the file.

    Raises:
        DomainError: ``archive.students_write`` for kinds that pupils write; ``archive.frozen``, ``archive.not_now``;
            ``table.*`` when the file cannot be read.
    """
    kind = imported_type_of(type_code)
    term = await term_held(session, actor, term_id)
    require_time(EntryKind.RECORD_WRITTEN, TermState(term.state))
    members = {member[STUDENT_KEY] for member in term.members}
    key = kernel.settings.key("person_key")
    table, rows = await asyncio.to_thread(_read, file.path, file.format, kind, key, members)
    if table.faults:
        return Taken(table)
    written = await take_in(session, term, kind, rows, source=f"file:{file.sha256}", dry_run=dry_run, actor=actor)
    return Taken(table, written, len(rows) - written)


async def take_in(
    session: AsyncSession,
    term: ArchiveTerm,
    kind: RecordType,
    rows: Sequence[tuple[str, dict[str, Any]]],
    *,
    source: str,
    dry_run: bool,
    actor: Actor,
) -> int:
    """Writes what the school holds, pupil by pupil, into a term that is held; returns how many are new.

    Raises:
        DomainError: ``archive.kept_elsewhere``, ``archive.sealed``.
    """
    archives = await all_held(session, actor, {student for student, _ in rows})
    role = next(iter(sorted((STAFF | {Role.INTEGRATION}) & actor.roles)))
    written = 0
    for student, fields in rows:
        archive = archives.get(student)
        if archive is None or archive.org_path != term.org_path:
            raise DomainError("archive.kept_elsewhere")
        require_open(archive.state)
        if _says(archive, kind.code, fields, term.term):
            continue
        written += 1
        if not dry_run:
            payload = {"type": kind.code, "fields": fields, "text": "", "source": source}
            saying = Saying(EntryKind.RECORD_WRITTEN, payload, role, record_id=new_id(), term=term.term)
            await say(session, actor, archive, saying)
    return written


def _says(archive: Archive, type_code: str, fields: dict[str, Any], term: str) -> bool:
    return any(
        record.type == type_code
        and record.term == term
        and record.fields == fields
        and record.status is RecordStatus.STANDING
        for record in archive.state.records.values()
    )


def _read(
    path: Path, file_format: str, kind: RecordType, key: bytes, members: set[str]
) -> tuple[ReadTable, list[tuple[str, dict[str, Any]]]]:
    table = read_table(path, media_type_or_name=f"body.{file_format}", columns=columns_of(kind))
    today = clock.today()
    rows, seen = [], set[tuple[str, str]]()
    for entry in table.frame.iter_rows(named=True):
        fields = {name: entry[name] for name in kind.fields if entry[name] is not None}
        for name, code in _faults(kind, fields, today):
            table.faults.add(code, row=entry[ROW], column=name, value=str(fields.get(name, ""))[:60])
        if entry[STUDENT_NUMBER] is None:
            continue
        # The number becomes a pseudonym at the door.
        student = person_key(entry[STUDENT_NUMBER], key)
        if student not in members:
            table.faults.add("archive.not_of_the_class", row=entry[ROW], column=STUDENT_NUMBER)
        elif (twice := (student, repr(sorted(fields.items())))) in seen:
            table.faults.add("row.duplicate", row=entry[ROW], column=STUDENT_NUMBER)
        else:
            seen.add(twice)
            rows.append((student, fields))
    return table, rows


def _faults(kind: RecordType, fields: dict[str, Any], today: dt.date) -> list[tuple[str, str]]:
    # What is missing altogether, the table has told already.
    return [(name, code) for name, code in field_faults(kind, fields, today) if code != "field.missing"]
