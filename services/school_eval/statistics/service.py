"""Keeping schools' statistics: one school by hand, many from a file, and a school's word on its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.statistics import repository
from services.school_eval.statistics.catalog import catalog
from services.school_eval.statistics.columns import COUNTY_CODE, SCHOOL_CODE, file_columns
from services.school_eval.statistics.rules import exact, figure_faults, merged
from services.school_eval.statistics.tables import SchoolStatistics, StatisticsState
from shared.kernel import clock
from shared.kernel.records import keep
from shared.kernel.tabular.columns import ROW
from shared.kernel.tabular.faults import unique_faults
from shared.kernel.tabular.read import ReadTable, read_table
from shared.terms.actor import Actor
from shared.terms.errors import DomainError, Fault
from shared.terms.organization import path_segments, school_path


async def put_statistics(
    session: AsyncSession,
    *,
    school_year: str,
    org_path: str,
    figures: Mapping[str, Decimal],
    reason: str | None,
    row: SchoolStatistics | None,
    actor: Actor,
) -> tuple[SchoolStatistics, bool]:
    """Writes every figure of a school; returns them and whether they are new.

    Raises:
        DomainError: ``request.invalid`` with each figure that cannot stand; ``statistics.reason_missing`` for a change of
            confirmed figures without a reason; ``statistics.elsewhere``.
    """
    if not actor.covers(org_path):
        raise DomainError("statistics.elsewhere")
    faults = [
        Fault(fault.code, pointer=f"/figures/{fault.item}", value=fault.value, allowed=fault.allowed)
        for fault in figure_faults(figures, catalog())
    ]
    if faults:
        raise DomainError("request.invalid", faults=faults)
    wanted = merged({}, figures)
    if row is not None and row.figures == wanted:
        return row, False
    if row is not None and row.confirmed_at is not None and reason is None:
        raise DomainError("statistics.reason_missing")
    is_new = row is None
    row = row or _new(school_year, org_path)
    await _store(session, row, wanted, source="entered", reason=reason, actor=actor)
    return row, is_new


async def confirm_statistics(session: AsyncSession, *, row: SchoolStatistics, actor: Actor) -> SchoolStatistics:
    """A school's own word that its figures are right; given twice it is given once."""
    if row.confirmed_at is None:
        row.confirmed_at, row.confirmed_by = clock.now(), actor.subject
        key = {"school_year": row.school_year, "school": row.school_code}
        await keep(session, row, resource="school_statistics", action="statistics.confirmed", key=key, actor=actor)
    return row


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
    school_year: str,
    path: Path,
    file_format: str,
    sha256: str,
    dry_run: bool,
    row_by_row: bool,
    actor: Actor,
) -> Taken:
    """Takes in the figures of many schools from a file; columns that are not in it stay as they were.

    Args:
        session: the transaction.
        school_year: the year they are of.
        path: the file.
        file_format: what its sender says it is.
        sha256: its content, kept as the figures' source.
        dry_run: nothing is stored.
        row_by_row: rows without a fault are stored beside faulty ones; otherwise one fault refuses the file.
        actor: who sends it.

    Raises:
        DomainError: ``table.*`` when the file cannot be read at all.
    """
    table = await asyncio.to_thread(_read, path, file_format, actor)
    bad = set(table.faults.faulty_rows().to_list())
    rows = {
        school_path(entry[COUNTY_CODE], entry[SCHOOL_CODE]): entry
        for entry in table.frame.iter_rows(named=True)
        if entry[ROW] not in bad
    }
    if (bad or table.faults) and not row_by_row:
        return Taken(table)
    known = await repository.statistics_for_update(session, actor, school_year, list(rows))
    counts = {"created": 0, "changed": 0, "unchanged": 0}
    for org_path, entry in rows.items():
        row = known.get(org_path)
        wanted = merged(row.figures if row else {}, _sent(entry))
        what = "created" if row is None else "unchanged" if row.figures == wanted else "changed"
        counts[what] += 1
        if what != "unchanged" and not dry_run:
            stored = row or _new(school_year, org_path)
            await _store(session, stored, wanted, source=f"file:{sha256}", reason=None, actor=actor)
    return Taken(table, **counts)


def _read(path: Path, file_format: str, actor: Actor) -> ReadTable:
    known = catalog()
    table = read_table(path, media_type_or_name=f"body.{file_format}", columns=file_columns(), source_id=SCHOOL_CODE)
    unique_faults(table.frame, [SCHOOL_CODE], table.faults)
    for entry in table.frame.iter_rows(named=True):
        if entry[SCHOOL_CODE] is None or entry[COUNTY_CODE] is None:
            continue
        if not _is_own(entry, actor):
            table.faults.add(
                "statistics.school_elsewhere", row=entry[ROW], column=SCHOOL_CODE, value=entry[SCHOOL_CODE]
            )
            continue
        for fault in figure_faults(_sent(entry), known):
            table.faults.add(fault.code, row=entry[ROW], column=fault.item, value=fault.value, allowed=fault.allowed)
    return table


def _is_own(entry: Mapping[str, object], actor: Actor) -> bool:
    try:
        return actor.covers(school_path(str(entry[COUNTY_CODE]), str(entry[SCHOOL_CODE])))
    except ValueError:
        return False


def _sent(entry: Mapping[str, Decimal | None]) -> dict[str, Decimal]:
    return {code: value for code in catalog().items if (value := entry.get(code)) is not None}


def _new(school_year: str, org_path: str) -> SchoolStatistics:
    county, school = path_segments(org_path)[2:4]
    return SchoolStatistics(
        school_year=school_year, school_code=school, county_code=county, org_path=org_path, figures={}
    )


async def _store(
    session: AsyncSession,
    row: SchoolStatistics,
    figures: dict[str, str],
    *,
    source: str,
    reason: str | None,
    actor: Actor,
) -> None:
    row.figures, row.source, row.confirmed_at, row.confirmed_by = figures, source, None, None
    key = {"school_year": row.school_year, "school": row.school_code}
    await keep(session, row, resource="school_statistics", action="statistics.set", key=key, actor=actor)
    state = StatisticsState(statistics_id=row.id, number=row.version, org_path=row.org_path, figures=figures)
    state.source, state.reason, state.by_org, state.at = source, reason, actor.org, clock.now()
    session.add(state)
    await session.flush()


def figures_of(rows: Sequence[SchoolStatistics]) -> list[tuple[SchoolStatistics, dict[str, Decimal]]]:
    """Rows with their figures as numbers."""
    return [(row, exact(row.figures)) for row in rows]
