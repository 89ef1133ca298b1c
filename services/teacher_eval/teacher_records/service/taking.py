"""Taking in a file of records of one kind: what came by import needs no typing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.record_kinds.schemas import Catalog, Kind
from services.teacher_eval.record_kinds.service import InForce, catalog_in_force
from services.teacher_eval.staff_register.repository import staff_by_keys
from services.teacher_eval.staff_register.tables import RegisteredStaff
from services.teacher_eval.teacher_records import repository
from services.teacher_eval.teacher_records.columns import DAYS, FIELD, NUMBER, SOURCE_ID, STAFF, file_columns
from services.teacher_eval.teacher_records.entry import SAID, entry_faults
from services.teacher_eval.teacher_records.rules import RecordState
from services.teacher_eval.teacher_records.service.entries import kind_of, new_record, say, version_of
from services.teacher_eval.teacher_records.service.flags import judge
from services.teacher_eval.teacher_records.tables import TeacherRecord
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.kernel.ids import new_id
from shared.kernel.personal import person_key
from shared.kernel.tabular.columns import ROW
from shared.kernel.tabular.faults import unique_faults
from shared.kernel.tabular.read import ReadTable, read_table
from shared.kernel.web.organizations import code_of
from shared.terms.actor import Actor

_CHANGEABLE = frozenset({RecordState.DRAFT, RecordState.RETURNED, RecordState.SUBMITTED})
Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """A received file and what its sender says of it.

    Args:
        kind: kind of its records.
        system: the system they are from; its ids are its own.
        path: where the file lies.
        file_format: what its sender says it is.
        sha256: its content, kept with every record.
        number_key: secret that turns citizen numbers into keys, at the door.
    """

    kind: str
    system: str
    path: Path
    file_format: str
    sha256: str
    number_key: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file did, or would do."""

    table: ReadTable
    created: int = 0
    changed: int = 0
    unchanged: int = 0

    @property
    def refused(self) -> int:
        """Rows with a fault."""
        return len(self.table.faults.faulty_rows())


async def take_file(session: AsyncSession, sent: Sent, *, dry_run: bool, row_by_row: bool, actor: Actor) -> Taken:
    """Takes in records, handed in at once; the same file again changes nothing.

    Args:
        session: the transaction.
        sent: the file.
        dry_run: nothing is stored.
        row_by_row: rows without a fault are stored beside faulty ones; otherwise one fault refuses the file.
        actor: who sends it.

    Raises:
        DomainError: ``record.kind_unknown``; ``table.*`` when the file cannot be read at all.
    """
    known = await catalog_in_force(session, actor)
    kind = kind_of(known, sent.kind)
    table, frame = await asyncio.to_thread(_read, sent, kind, known.catalog)
    people = await staff_by_keys(session, actor, set(frame[STAFF].drop_nulls()))
    # The key of somebody elsewhere is not repeated: the row says enough.
    unknown = frame.filter(pl.col(STAFF).is_not_null() & ~pl.col(STAFF).is_in(sorted(people)))
    table.faults.add_rows(unknown, "record.staff_unknown", column=STAFF)
    rows = _sound(frame, table)
    await repository.hold_source(session, actor.org, sent.system)
    stored = await repository.records_of_source(session, actor, sent.system, {row[SOURCE_ID] for row in rows})
    added, changed = _sorted_out(rows, stored, sent, people, table)
    if table.faults and not row_by_row:
        return Taken(table)
    sound = len(_sound(frame, table))
    counts = len(added), len(changed), sound - len(added) - len(changed)
    if not dry_run and (added or changed):
        await _store(session, sent, known, added, changed, people=people, actor=actor)
    return Taken(table, *counts)


def _read(sent: Sent, kind: Kind, catalog: Catalog) -> tuple[ReadTable, pl.DataFrame]:
    """The table, and its frame with everybody by key, days as days, and faults for what cannot be."""
    columns = file_columns(kind, catalog)
    table = read_table(sent.path, media_type_or_name=f"body.{sent.file_format}", columns=columns, source_id=SOURCE_ID)
    numbers = table.frame[NUMBER].drop_nulls().unique()
    keys = pl.DataFrame(
        {NUMBER: numbers, "from_number": [person_key(number, sent.number_key) for number in numbers]},
        schema={NUMBER: pl.String, "from_number": pl.String},
    )
    frame = table.frame.join(keys, on=NUMBER, how="left", maintain_order="left")
    frame = frame.with_columns(pl.coalesce(STAFF, "from_number").alias(STAFF)).drop(NUMBER, "from_number")
    for day in DAYS:
        if day in frame.columns:
            read = pl.col(day).str.to_date("%Y-%m-%d", strict=False)
            wrong = pl.col(day).is_not_null() & read.is_null()
            table.faults.add_where(frame, wrong, code="record.day_impossible", column=day, allowed="YYYY-MM-DD")
            frame = frame.with_columns(read)
    table.faults.add_where(frame, pl.col(STAFF).is_null(), code="record.staff_missing", column=STAFF)
    unique_faults(frame, [SOURCE_ID], table.faults)
    today = clock.today()
    for row in _sound(frame, table):
        for fault in entry_faults(kind, _said(row), catalog, today):
            column = fault.place.replace("fields/", FIELD)
            there = column if column in frame.columns else None
            table.faults.add(fault.code, row=row[ROW], column=there, value=fault.value, allowed=fault.allowed)
    return table, frame


def _sound(frame: pl.DataFrame, table: ReadTable) -> list[Entry]:
    bad = table.faults.faulty_rows()
    return list(frame.filter(~pl.col(ROW).is_in(bad.implode())).iter_rows(named=True))


def _said(row: Entry) -> dict[str, Any]:
    fields = {name.removeprefix(FIELD): row[name] for name in row if name.startswith(FIELD) and row[name] is not None}
    return {name: row.get(name) for name in SAID} | {"fields": fields}


def _sorted_out(
    rows: Sequence[Entry],
    stored: Mapping[tuple[str, str], TeacherRecord],
    sent: Sent,
    people: Mapping[str, RegisteredStaff],
    table: ReadTable,
) -> tuple[list[Entry], list[tuple[TeacherRecord, Entry]]]:
    added, changed = [], []
    for row in rows:
        before = stored.get((people[row[STAFF]].org_path, row[SOURCE_ID]))
        if before is None:
            added.append(row)
            continue
        is_other = before.kind != sent.kind or before.staff_key != row[STAFF]
        said = _said(row)
        if not is_other and all(getattr(before, name) == said[name] for name in SAID):
            continue
        if is_other or before.state not in _CHANGEABLE:
            table.faults.add("record.settled", row=row[ROW], column=SOURCE_ID, value=row[SOURCE_ID])
            continue
        changed.append((before, row))
    return added, changed


async def _store(
    session: AsyncSession,
    sent: Sent,
    known: InForce,
    added: Sequence[Entry],
    changed: Sequence[tuple[TeacherRecord, Entry]],
    *,
    people: Mapping[str, RegisteredStaff],
    actor: Actor,
) -> None:
    kind, rows = kind_of(known, sent.kind), []
    for entry in added:
        row = new_record(staff_key=entry[STAFF], kind=sent.kind, org_path=people[entry[STAFF]].org_path, actor=actor)
        row.id, row.source_system, row.source_id = new_id(), sent.system, entry[SOURCE_ID]
        say(row, sent.kind, kind, _said(entry))
        rows.append(row)
    for row, entry in changed:
        say(row, sent.kind, kind, _said(entry))
        rows.append(row)
    for row in rows:
        row.source, row.state, row.submitted_at = f"file:{sent.sha256}", RecordState.SUBMITTED, clock.now()
        row.version = row.version + 1
    session.add_all(rows)
    await session.flush()
    found = await judge(session, rows, known=known, actor=actor, refuse=False)
    for row in rows:
        row.flags = found.get(row.id, [])
    session.add_all(version_of(row, action="import", reason=None, actor=actor) for row in rows)
    await session.flush()
    counts = {"kind": sent.kind, "created": len(added), "changed": len(changed)}
    note(session, actor, "records.imported", sent.system, counts)
    keys = [(row.org_path, {"organization": code_of(row.org_path), "record": str(row.id)}) for row in rows]
    await record_changes(session, "teacher_records", Operation.UPSERTED, keys)
