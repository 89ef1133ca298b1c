"""Taking rows in: parse, check, decide, store; the same for one row, a batch, a file, in a request or in a job."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from services.roster.intake.collection import Collection, Intake, Record
from services.roster.intake.pace import paced
from services.roster.intake.rows import Row, RowFault, parse_rows
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes

#: Above this many rows, parsing runs in a thread, or it would hold up every other request.
THREADED_ROWS = 200
CHANGES_CHUNK = 5_000
Raw = Iterable[tuple[int, Mapping[str, Any]]]


class Atomic(StrEnum):
    """What is stored when some rows are at fault: nothing, or the other rows."""

    ALL = "all"
    ROW = "row"


class RowStatus(StrEnum):
    """What became of a row; in a dry run, what would become of it."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Options:
    """How rows are to be taken in."""

    dry_run: bool = False
    atomic: Atomic = Atomic.ALL


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row, and its natural key when it could be told."""

    status: RowStatus
    key: Mapping[str, str] | None = None


@dataclass(slots=True)
class Verdict:
    """What became of all rows, by the sender's row number."""

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    faults: list[RowFault] = field(default_factory=list)
    is_refused: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """Rows by status."""
        counted = Counter(outcome.status for outcome in self.outcomes.values())
        return {status.value: counted[status] for status in RowStatus}


async def take_in(
    intake: Intake, collection: Collection[Any], raw: Raw, *, faults: Sequence[RowFault] = (), options: Options
) -> Verdict:
    """Takes rows in.

    Args:
        intake: transaction and sender.
        collection: where they belong.
        raw: (row number, content) pairs.
        faults: what reading the rows has already found; a fault without a row number refuses everything.
        options: dry run, all or row by row.
    """
    raw = list(raw)
    reading = (raw, collection.row, tuple(faults), collection.sensitive)
    rows, found = await asyncio.to_thread(_parsed, *reading) if len(raw) > THREADED_ROWS else _parsed(*reading)
    checked = await collection.check(intake, rows)
    records, doubled = _distinct(collection, checked.records)
    verdict = Verdict(faults=[*found, *checked.faults, *doubled])
    at_fault = {fault.number for fault in verdict.faults}
    records = [record for record in records if record.number not in at_fault]
    verdict.is_refused = None in at_fault or (bool(at_fault) and options.atomic is Atomic.ALL)
    stored: dict[int, Outcome] = {}
    if not verdict.is_refused:
        stored = await _stored(intake, collection, records, options)
    skipped = Outcome(RowStatus.SKIPPED)
    # Rows too broken to be read have no content, but they were sent.
    for number in sorted({number for number, _ in raw} | {number for number in at_fault if number is not None}):
        refused = number in at_fault
        verdict.outcomes[number] = Outcome(RowStatus.REFUSED) if refused else stored.get(number, skipped)
    return verdict


def _parsed(
    raw: Sequence[tuple[int, Mapping[str, Any]]], model: Any, faults: Sequence[RowFault], sensitive: frozenset[str]
) -> tuple[list[Row[Any]], list[RowFault]]:
    """Parsed rows and all faults so far; what reading has already said of a cell is not said again."""
    rows, found = parse_rows(raw, model, sensitive=sensitive)
    said = {(fault.number, fault.column) for fault in faults}
    new = [fault for fault in found if (fault.number, fault.column) not in said and (None, fault.column) not in said]
    broken = {fault.number for fault in faults if fault.column is None}
    new = [fault for fault in new if fault.number not in broken]
    faulty = {fault.number for fault in faults}
    return [row for row in rows if row.number not in faulty], [*faults, *new]


def _distinct(collection: Collection[Any], records: Sequence[Record]) -> tuple[list[Record], list[RowFault]]:
    first: dict[tuple[str, ...], int] = {}
    kept, faults = [], []
    for record in records:
        key = collection.key_of(record)
        if first.setdefault(key, record.number) == record.number:
            kept.append(record)
        else:
            faults.append(_repeat(collection, record.number, first[key]))
    return kept, faults


def _repeat(collection: Collection[Any], number: int, first: int) -> RowFault:
    params = {"first_row": first, "keys": "、".join(collection.shown_key)}
    return RowFault(number, None, "row.duplicate", params=params)


async def _stored(
    intake: Intake, collection: Collection[Any], records: Sequence[Record], options: Options
) -> dict[int, Outcome]:
    savepoint = await intake.session.begin_nested() if options.dry_run else None
    outcomes = await store_records(intake, collection, records)
    if savepoint is not None:
        await savepoint.rollback()
        return outcomes
    counts = Counter(outcome.status.value for outcome in outcomes.values())
    if counts.keys() - {RowStatus.UNCHANGED.value}:
        note(intake.session, intake.actor, f"{collection.name}.taken_in", intake.actor.org, dict(counts))
    return outcomes


async def store_records(intake: Intake, collection: Collection[Any], records: Sequence[Record]) -> dict[int, Outcome]:
    """Stores checked records of distinct keys, records their changes, and tells what became of each."""
    await collection.before(intake, records)
    changed = await collection.upsert.write(intake.session, [record.values for record in records])
    affected = [record async for record in paced(records) if collection.key_of(record) in changed]
    for start in range(0, len(affected), CHANGES_CHUNK):
        part = affected[start : start + CHANGES_CHUNK]
        keys = [(record.values["org_path"], collection.shown_key_of(record)) for record in part]
        await record_changes(intake.session, collection.name, Operation.UPSERTED, keys)
    await collection.after(intake, affected)
    outcomes = {}
    async for record in paced(records):
        is_new = changed.get(collection.key_of(record))
        status = RowStatus.UNCHANGED if is_new is None else RowStatus.CREATED if is_new else RowStatus.UPDATED
        outcomes[record.number] = Outcome(status, collection.shown_key_of(record))
    return outcomes
