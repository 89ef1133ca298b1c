"""A sheet of guardians: numbers become pseudonyms at the door, and every fault is told by its row."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.guardianships.columns import (
    DOCUMENT,
    GUARDIAN_KEY,
    GUARDIAN_NUMBER,
    RELATION,
    STUDENT_KEY,
    STUDENT_NUMBER,
    refused_headers,
    sheet_columns,
)
from services.student_eval.guardianships.service import Entered, Named, enter, fault_of
from shared.kernel.personal import person_key
from shared.kernel.tabular.columns import ROW
from shared.kernel.tabular.faults import unique_faults
from shared.kernel.tabular.read import ReadTable, read_table
from shared.kernel.web.upload import SpooledFile
from shared.policy.minors import minors_policy
from shared.terms.actor import Actor
from shared.terms.identity_number import citizen_number_fault


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file did, or would do."""

    table: ReadTable
    entered: Entered

    @property
    def refused(self) -> int:
        """Rows with a fault."""
        return len(self.table.faults.faulty_rows())


async def take_file(
    session: AsyncSession,
    actor: Actor,
    *,
    org_path: str,
    file: SpooledFile,
    number_key: bytes,
    enrolled: Collection[str],
    dry_run: bool,
    row_by_row: bool,
) -> Taken:
    """Enters the guardians of a file; who is not in it stays guardian.

    Args:
        session: the transaction.
        actor: who sends it.
        org_path: the school.
        file: the file.
        number_key: secret that turns numbers into pseudonyms.
        enrolled: pseudonyms of the school's pupils.
        dry_run: nothing is stored.
        row_by_row: rows without a fault are stored beside faulty ones; otherwise one fault refuses the file.

    Raises:
        DomainError: ``table.*`` when the file cannot be read at all.
    """
    table, entries = await asyncio.to_thread(_read, file.path, file.format, number_key, enrolled)
    # A column that may not be asked for refuses the file whole, whatever else it holds.
    if table.faults and not (row_by_row and not refused_headers(table.headers)):
        return Taken(table, Entered())
    source = f"file:{file.sha256}"
    done = await enter(session, actor, org_path=org_path, entries=entries, source=source, is_kept=not dry_run)
    return Taken(table, done)


def _read(path: Path, file_format: str, number_key: bytes, enrolled: Collection[str]) -> tuple[ReadTable, list[Named]]:
    table = read_table(path, media_type_or_name=f"body.{file_format}", columns=sheet_columns())
    faults, policy = table.faults, minors_policy()
    for header in refused_headers(table.headers):
        faults.add("guardianship.column_refused", row=table.header_row, column=header, allowed=policy.refused_by)
    frame = _with_keys(table.frame, number_key).with_columns(
        pl.col(RELATION).replace_strict(policy.relation_words(), default=None), pl.col(DOCUMENT).str.strip_chars()
    )
    unsound = frame.filter(pl.col("number_is_unsound"))
    faults.add_rows(unsound, "identity.check_character", column=GUARDIAN_NUMBER)
    missing = pl.col(GUARDIAN_KEY).is_null() & ~pl.col("number_is_unsound")
    faults.add_where(frame, missing, code="guardianship.guardian_missing", column=GUARDIAN_NUMBER)
    unknown = pl.col(STUDENT_KEY).is_not_null() & ~pl.col(STUDENT_KEY).is_in(sorted(enrolled))
    faults.add_where(frame, unknown, code="guardianship.not_enrolled", column=STUDENT_NUMBER)
    unique_faults(frame.drop(STUDENT_NUMBER, GUARDIAN_NUMBER), [STUDENT_KEY, GUARDIAN_KEY], faults)
    bad, entries = set(faults.faulty_rows().to_list()), []
    for entry in frame.iter_rows(named=True):
        if entry[ROW] in bad or None in (entry[STUDENT_KEY], entry[GUARDIAN_KEY], entry[RELATION]):
            continue
        named = Named(entry[STUDENT_KEY], entry[GUARDIAN_KEY], entry[RELATION], entry[DOCUMENT] or None)
        if (fault := fault_of(named)) is None:
            entries.append(named)
        else:
            faults.add(fault[1], row=entry[ROW], column=fault[0])
    return table, entries


def _with_keys(frame: pl.DataFrame, number_key: bytes) -> pl.DataFrame:
    """Pseudonyms for numbers; the plain numbers go no further."""
    students = _keys(frame[STUDENT_NUMBER], number_key, STUDENT_NUMBER, STUDENT_KEY)
    guardians = _keys(frame[GUARDIAN_NUMBER], number_key, GUARDIAN_NUMBER, "from_number").with_columns(
        is_sound=pl.col(GUARDIAN_NUMBER).map_elements(
            lambda number: citizen_number_fault(number.strip().upper()) is None, return_dtype=pl.Boolean
        )
    )
    joined = frame.join(students, on=STUDENT_NUMBER, how="left", maintain_order="left").join(
        guardians, on=GUARDIAN_NUMBER, how="left", maintain_order="left"
    )
    unsound = (pl.col("is_sound").not_()).fill_null(value=False)
    return joined.with_columns(
        pl.coalesce(GUARDIAN_KEY, pl.when(~unsound).then("from_number")).alias(GUARDIAN_KEY), number_is_unsound=unsound
    )


def _keys(numbers: pl.Series, key: bytes, name: str, to: str) -> pl.DataFrame:
    known = numbers.drop_nulls().unique()
    return pl.DataFrame(
        {name: known, to: [person_key(number, key) for number in known]}, schema={name: pl.String(), to: pl.String()}
    )
