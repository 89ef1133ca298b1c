"""What is stored already under the keys of an upload: where it belongs, and the sender's own keys.

A sender's key is kept beside ours, filled in when a later write leaves it out, and never given to another row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.roster.intake.collection import Intake, Record
from services.roster.intake.lookup import WHOLE_SERVICE, lookup, whole_service
from services.roster.intake.pace import paced
from services.roster.intake.rows import RowFault
from services.roster.intake.upsert import Key, Upsert

Pair = tuple[str, str]
_SOURCE = ("source_system", "source_id")


@dataclass(frozen=True, slots=True)
class Settled:
    """Faults of the sender's keys, and the organization path of every row that exists, the actor's own or not."""

    faults: list[RowFault]
    paths: dict[Key, str]


async def settle_sources(intake: Intake, upsert: Upsert, records: Sequence[Record]) -> Settled:
    """Locks the stored rows, fills the source fields of ``records`` from them, finds pairs that belong to another row."""
    keys = [upsert.key_of(record.values) async for record in paced(records)]
    pairs = {pair for record in records if (pair := _pair(record)) is not None}
    names = (*upsert.key, *_SOURCE, "org_path")
    async with whole_service(intake.session, intake.actor):
        stored = await lookup(
            intake.session, upsert.table, org=WHOLE_SERVICE, by=upsert.key, keys=keys, columns=names, lock=True
        )
        taken = await lookup(intake.session, upsert.table, org=WHOLE_SERVICE, by=_SOURCE, keys=pairs, columns=names)
    own: dict[Key, tuple[str | None, str | None]] = {tuple(row[:-3]): (row[-3], row[-2]) for row in stored}
    owner: dict[Pair, Key] = {(row[-3], row[-2]): tuple(row[:-3]) for row in taken}
    faults = []
    async for record, key in paced(zip(records, keys, strict=True)):
        if (fault := _settle(record, key, own=own, owner=owner)) is not None:
            faults.append(fault)
    return Settled(faults, {tuple(row[:-3]): row[-1] for row in stored})


def _settle(
    record: Record, key: Key, *, own: dict[Key, tuple[str | None, str | None]], owner: dict[Pair, Key]
) -> RowFault | None:
    given = record.values["source_system"], record.values["source_id"]
    kept = own.get(key, (None, None))
    if given == (None, None):
        record.values["source_system"], record.values["source_id"] = kept
        return None
    pair = _pair(record)
    if pair is None:
        return RowFault(record.number, "source_id", "roster.source_incomplete")
    is_moved = kept[0] == pair[0] and kept[1] != pair[1]
    if is_moved or owner.setdefault(pair, key) != key:
        return RowFault(record.number, "source_id", "roster.source_reassigned", value=pair[1])
    return None


def _pair(record: Record) -> Pair | None:
    system, own_id = record.values["source_system"], record.values["source_id"]
    return (system, own_id) if system is not None and own_id is not None else None
