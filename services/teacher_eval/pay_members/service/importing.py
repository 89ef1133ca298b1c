"""Taking people of a pool from a file: every faulty row is named, nothing that was good is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.pay_members import columns as c
from services.teacher_eval.pay_members import repository
from services.teacher_eval.pay_members.rules import MonthRule, Stay, text
from services.teacher_eval.pay_members.service.members import (
    is_day,
    new_member,
    overlap_params,
    overlaps_of,
    require_open,
    share_of,
    stay_months,
    store,
)
from services.teacher_eval.pay_members.tables import PayMember
from services.teacher_eval.pay_plans.document import PlanDocument
from services.teacher_eval.pay_pools.tables import PayPool
from shared.kernel.audit.log import note
from shared.kernel.personal import person_key
from shared.kernel.tabular.columns import ROW
from shared.kernel.tabular.faults import unique_faults
from shared.kernel.tabular.read import ReadTable, read_table
from shared.terms.actor import Actor
from shared.terms.identity_number import citizen_number_fault

_HUNDRED = Decimal(100)
#: What a file can change.
_ENTERED = (
    *("post", "title", "group_code", "exclusion", "exclusion_reason", "entitlement_fen"),
    *("attributes", "months", "points", "counts"),
)
_PLAIN = {c.POST: "post", c.TITLE: "title", c.GROUP: "group_code", c.EXCLUSION: "exclusion"}


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


@dataclass(frozen=True, slots=True)
class Received:
    """A file as it came.

    Args:
        path: where it lies.
        file_format: what its sender says it is.
        sha256: its content, kept as the origin of its figures.
        document: the plan whose figures it may hold.
        key: of the pseudonyms of citizen numbers.
        month_rule: what a month counts in which somebody came or left.
    """

    path: Path
    file_format: str
    sha256: str
    document: PlanDocument | None
    key: bytes
    month_rule: MonthRule


async def take_members(
    session: AsyncSession, *, pool: PayPool, file: Received, dry_run: bool, row_by_row: bool, actor: Actor
) -> Taken:
    """Takes people in from a file; cells that are blank and columns that are not in it stay as they were.

    Args:
        session: the transaction.
        pool: the pool.
        file: the file.
        dry_run: nothing is stored.
        row_by_row: rows without a fault are stored beside faulty ones; otherwise one fault refuses the file.
        actor: who sends it.

    Raises:
        DomainError: ``table.*`` when the file cannot be read at all; ``pay_pool.in_payment``.
    """
    require_open(pool)
    table, frame = await asyncio.to_thread(_read, file)
    bad = set(table.faults.faulty_rows().to_list())
    entries = {entry[c.STAFF_KEY]: entry for entry in frame.iter_rows(named=True) if entry[ROW] not in bad}
    known = await repository.members_for_update(session, actor, pool, list(entries))
    counts, wanted = {"created": 0, "changed": 0, "unchanged": 0}, {}
    for key, entry in entries.items():
        # Worked on apart from the session: what is only looked at must not be written by the way.
        row = _copy(known[key]) if key in known else new_member(pool, key)
        before = _state(row)
        _enter(row, entry, pool, file)
        what = "created" if key not in known else "unchanged" if _state(row) == before else "changed"
        counts[what] += 1
        if what != "unchanged":
            row.origins = row.origins | {"file": file.sha256}
            wanted[key] = row
    for overlap in await overlaps_of(session, pool, wanted, actor):
        row_number = entries[overlap.staff_key][ROW]
        table.faults.add("pay_member.month_taken", row=row_number, params=overlap_params(overlap))
        del wanted[overlap.staff_key]
    if dry_run or (table.faults and not row_by_row):
        return Taken(table, **counts)
    await store(session, [_onto(known.get(key), row) for key, row in wanted.items()])
    note(session, actor, "pay_members.imported", pool.code, {**counts, "sha256": file.sha256})
    return Taken(table, **counts)


def _read(file: Received) -> tuple[ReadTable, pl.DataFrame]:
    table = read_table(file.path, media_type_or_name=f"body.{file.file_format}", columns=c.file_columns(file.document))
    keys = []
    for entry in table.frame.iter_rows(named=True):
        number = entry[c.CITIZEN_NUMBER]
        if number is not None and (fault := citizen_number_fault(number)):
            table.faults.add(fault, row=entry[ROW], column=c.CITIZEN_NUMBER)
        keys.append(entry[c.STAFF_KEY] or (person_key(number, file.key) if number else None))
        if keys[-1] is None:
            table.faults.add("pay_member.key_missing", row=entry[ROW], column=c.STAFF_KEY)
        if entry[c.EXCLUSION] is not None and not entry[c.EXCLUSION_REASON]:
            table.faults.add("pay_member.reason_of_exclusion", row=entry[ROW], column=c.EXCLUSION_REASON)
        _check_figures(table, entry)
    frame = table.frame.with_columns(pl.Series(c.STAFF_KEY, keys, dtype=pl.String))
    unique_faults(frame, [c.STAFF_KEY], table.faults)
    return table, frame.drop(c.CITIZEN_NUMBER)


def _check_figures(table: ReadTable, entry: Mapping[str, Any]) -> None:
    for name, value in entry.items():
        is_figure = name.startswith((c.POINTS, c.COUNTS)) or name in (c.TIME_SHARE, c.ENTITLEMENT)
        most = 1 if name == c.TIME_SHARE else 10_000_000
        if is_figure and value is not None and not 0 <= value <= most:
            table.faults.add(
                "pay_member.figure_outside", row=entry[ROW], column=name, value=text(value), allowed=f"0—{most}"
            )


def _enter(row: PayMember, entry: Mapping[str, Any], pool: PayPool, file: Received) -> None:
    """Puts what a row says over what is known."""
    for column, name in _PLAIN.items():
        if entry[column] is not None:
            setattr(row, name, entry[column])
    if entry[c.EXCLUSION] is not None:
        row.exclusion_reason = entry[c.EXCLUSION_REASON]
    if entry[c.ENTITLEMENT] is not None:
        row.entitlement_fen = int(entry[c.ENTITLEMENT] * _HUNDRED)
    if entry[c.STAGE] is not None:
        row.attributes = row.attributes | {"stage": entry[c.STAGE]}
    if any(entry[name] is not None for name in c.STAYING):
        row.months = stay_months(pool, _stay(entry), file.month_rule)
    row.points = row.points | _figures(entry, c.POINTS)
    row.counts = row.counts | _figures(entry, c.COUNTS)


def _stay(entry: Mapping[str, Any]) -> Stay:
    joined, left, leave_from, leave_to = (is_day(entry[name]) for name in (c.JOINED, c.LEFT, c.LEAVE_FROM, c.LEAVE_TO))
    return Stay(joined, left, leave_from, leave_to, share_of(entry[c.TIME_SHARE]))


def _figures(entry: Mapping[str, Any], prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix): text(value)
        for name, value in entry.items()
        if name.startswith(prefix) and value is not None
    }


def _state(row: PayMember) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _ENTERED}


def _copy(row: PayMember) -> PayMember:
    columns = [column.key for column in PayMember.__mapper__.column_attrs]
    return PayMember(**{name: getattr(row, name) for name in columns})


def _onto(stored: PayMember | None, row: PayMember) -> PayMember:
    if stored is None:
        return row
    for name in (*_ENTERED, "origins"):
        setattr(stored, name, getattr(row, name))
    return stored
