"""Records of completed trainings, and the totals kept of them."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.staff_register.repository import staff_by_keys
from services.teacher_eval.trainings import repository
from services.teacher_eval.trainings.columns import (
    COMPLETED,
    HOURS,
    LEVEL,
    NUMBER,
    RECORD,
    STAFF,
    TITLE,
    file_columns,
)
from services.teacher_eval.trainings.rules import HoursRecord, counted
from services.teacher_eval.trainings.tables import TrainingRecord
from services.teacher_eval.whole_person import whole_person
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.kernel.ids import new_id
from shared.kernel.personal import person_key
from shared.kernel.records import keep
from shared.kernel.tabular.columns import ROW
from shared.kernel.tabular.faults import unique_faults
from shared.kernel.tabular.read import ReadTable, read_table
from shared.policy.teacher_development import training_period
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

OWN_SOURCE = "program"
_SAID = ("title", "level", "hours", "completed_on")


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


async def take_file(
    session: AsyncSession,
    *,
    source: str,
    path: Path,
    file_format: str,
    sha256: str,
    number_key: bytes,
    dry_run: bool,
    row_by_row: bool,
    actor: Actor,
) -> Taken:
    """Takes in records of completed trainings out of another system; the same again changes nothing.

    Args:
        session: the transaction.
        source: name of that system; its record codes are its own.
        path: the file.
        file_format: what its sender says it is.
        sha256: its content, kept with every record.
        number_key: secret that turns citizen numbers into keys, at the door.
        dry_run: nothing is stored.
        row_by_row: rows without a fault are stored beside faulty ones; otherwise one fault refuses the file.
        actor: who sends it.

    Raises:
        DomainError: ``table.*`` when the file cannot be read at all; ``training.source_reserved``.
    """
    if source == OWN_SOURCE:
        raise DomainError("training.source_reserved", params={"source": source})
    table, frame = await asyncio.to_thread(_read, path, file_format, number_key)
    people = await staff_by_keys(session, actor, set(frame[STAFF].drop_nulls()))
    unknown = frame.filter(pl.col(STAFF).is_not_null() & ~pl.col(STAFF).is_in(sorted(people)))
    # The key of somebody elsewhere is not repeated: the row says enough.
    table.faults.add_rows(unknown, "training.staff_unknown", column=STAFF)
    if table.faults and not row_by_row:
        return Taken(table)
    bad = set(table.faults.faulty_rows().to_list())
    rows = [entry for entry in frame.iter_rows(named=True) if entry[ROW] not in bad]
    known = await repository.known_records(session, actor, source, {entry[STAFF] for entry in rows})
    added, changed, unchanged = _sorted_out(rows, known)
    if not dry_run and (added or changed):
        await _store(session, source, sha256, added, changed, {key: row.org_path for key, row in people.items()})
        touched = {entry[STAFF] for entry in added} | {row.staff_key for row, _ in changed}
        await refresh_totals(session, touched, actor=actor)
        note(session, actor, "training_records.imported", source, {"created": len(added), "changed": len(changed)})
        keys = [(people[each].org_path, {"staff": each}) for each in sorted(touched)]
        await record_changes(session, "training_records", Operation.UPSERTED, keys)
    return Taken(table, len(added), len(changed), unchanged)


def _read(path: Path, file_format: str, number_key: bytes) -> tuple[ReadTable, pl.DataFrame]:
    """The table, and its frame with everybody by key, days as days, and faults for what cannot be."""
    table = read_table(path, media_type_or_name=f"body.{file_format}", columns=file_columns(), source_id=RECORD)
    numbers = table.frame[NUMBER].drop_nulls().unique()
    keys = pl.DataFrame(
        {NUMBER: numbers, "from_number": [person_key(number, number_key) for number in numbers]},
        schema={NUMBER: pl.String, "from_number": pl.String},
    )
    day = pl.col(COMPLETED).str.to_date("%Y-%m-%d", strict=False)
    frame = table.frame.join(keys, on=NUMBER, how="left", maintain_order="left").with_columns(
        pl.coalesce(STAFF, "from_number").alias(STAFF), day=day
    )
    today, faults = clock.today(), table.faults
    faults.add_where(frame, pl.col(STAFF).is_null(), code="training.staff_missing", column=STAFF)
    no_day = pl.col(COMPLETED).is_not_null() & (pl.col("day").is_null() | (pl.col("day") > today))
    faults.add_where(frame, no_day, code="training.day_impossible", column=COMPLETED, allowed=f"≤ {today}")
    hours = pl.col(HOURS).cast(pl.Float64)
    too_long = hours.is_not_null() & ((hours <= 0) | (hours > 2000))
    faults.add_where(frame, too_long, code="training.hours_impossible", column=HOURS, allowed="0.1–2000")
    unique_faults(frame, [STAFF, RECORD], faults)
    return table, frame


def _sorted_out(
    rows: Sequence[Mapping[str, Any]], known: Mapping[tuple[str, str], TrainingRecord]
) -> tuple[list[dict[str, Any]], list[tuple[TrainingRecord, dict[str, Any]]], int]:
    added: list[dict[str, Any]] = []
    changed: list[tuple[TrainingRecord, dict[str, Any]]] = []
    for entry in rows:
        said = {"title": entry[TITLE], "level": entry[LEVEL], "hours": entry[HOURS], "completed_on": entry["day"]}
        row = known.get((entry[STAFF], entry[RECORD]))
        if row is None:
            added.append({STAFF: entry[STAFF], RECORD: entry[RECORD], **said})
        elif row.voided_at is None and any(getattr(row, name) != said[name] for name in _SAID):
            changed.append((row, said))
    return added, changed, len(rows) - len(added) - len(changed)


async def _store(
    session: AsyncSession,
    source: str,
    sha256: str,
    added: Sequence[Mapping[str, Any]],
    changed: Sequence[tuple[TrainingRecord, Mapping[str, Any]]],
    paths: Mapping[str, str],
) -> None:
    common = {"source": source, "file_sha256": sha256, "version": 1}
    await repository.add_records(
        session, [{"id": new_id(), "org_path": paths[entry[STAFF]], **common, **entry} for entry in added]
    )
    for row, said in changed:
        row.version, row.file_sha256 = row.version + 1, sha256
        for name in _SAID:
            setattr(row, name, said[name])
    await session.flush()


async def void_record(session: AsyncSession, *, row: TrainingRecord, reason: str, actor: Actor) -> TrainingRecord:
    """Takes a record out of the count, with a reason; it stays, and an import does not bring it back.

    Raises:
        DomainError: ``training.voided_already``.
    """
    if row.voided_at is not None:
        raise DomainError("training.voided_already")
    row.voided_at, row.voided_reason = clock.now(), reason
    key = {"staff": row.staff_key, "record": str(row.id)}
    await keep(session, row, resource="training_records", action="training_record.voided", key=key, actor=actor)
    await refresh_totals(session, {row.staff_key}, actor=actor)
    return row


async def refresh_totals(session: AsyncSession, staff_keys: Collection[str], *, actor: Actor) -> None:
    """Adds up the hours of some people anew, in every period they have any; each belongs to the school they are at."""
    async with whole_person(session, actor) as everywhere:
        people = await staff_by_keys(session, everywhere, staff_keys)
        by_person: dict[str, list[TrainingRecord]] = defaultdict(list)
        for record in await repository.records_of_people(session, everywhere, staff_keys):
            by_person[record.staff_key].append(record)
        totals = [
            {
                "staff_key": key,
                "first_year": year,
                "org_path": person.org_path,
                "school_code": person.school_code,
                "county_code": person.county_code,
                "stages": person.stages,
                "is_rural": person.is_rural,
                "hours": sum(levels.values(), Decimal(0)),
                "by_level": {level: str(hours) for level, hours in sorted(levels.items())},
            }
            for key, person in people.items()
            for year, levels in _periods(by_person.get(key, ())).items()
        ]
        await repository.replace_totals(session, staff_keys, totals)


def _periods(records: Sequence[TrainingRecord]) -> dict[int, dict[str, Decimal]]:
    repeats = counted(hours_records(records))
    found: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for record in records:
        if repeats[str(record.id)] is None:
            found[training_period(record.completed_on).first_on.year][record.level] += record.hours
    return found


def hours_records(records: Sequence[TrainingRecord]) -> list[HoursRecord]:
    """Rows as the rules take them."""
    return [
        HoursRecord(id=str(row.id), title=row.title, hours=row.hours, completed_on=row.completed_on) for row in records
    ]


def counted_hours(records: Sequence[TrainingRecord]) -> list[tuple[dt.date, Decimal]]:
    """Day and hours of every record that counts."""
    repeats = counted(hours_records(records))
    return [(row.completed_on, row.hours) for row in records if repeats[str(row.id)] is None]
