"""From an uploaded file to checked sheets by school, and every fault on the way. Blocks: call it in a thread."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from services.monitoring.intake.sheets import CANDIDATE, ReadSheet, divide_by_school
from services.monitoring.mark_sheets import checks
from services.monitoring.samples.rules import is_drawn_sample
from shared.kernel.personal import person_key
from shared.kernel.tabular.read import ReadTable, read_table


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetContext:
    """What a sheet is held against.

    Args:
        definition: the exam's definition.
        roster: the frozen roster.
        participants: county code by school code.
        school_code: the school the address names, or ``None``.
        excluded: pseudonyms of pupils said to have no row.
        key: secret of the pupils' pseudonyms.
    """

    definition: Mapping[str, Any]
    roster: pl.DataFrame
    participants: Mapping[str, str]
    school_code: str | None
    key: bytes
    excluded: Collection[str] = frozenset()


def read_sheet(path: Path, media_type: str, context: SheetContext) -> ReadSheet:
    """Reads and checks a mark sheet.

    Raises:
        DomainError: the file as a whole cannot be read (``table.*``).
    """
    given = context.school_code is not None
    columns = checks.sheet_columns(context.definition, school_is_given=given)
    table = read_table(path, media_type_or_name=media_type, columns=columns, source_id=CANDIDATE)
    frame = checks.check_marks(_pseudonymous(table, context), context.definition, table.faults)
    frame = checks.check_places(
        frame,
        table.faults,
        roster=context.roster,
        participants=context.participants,
        school_code=context.school_code,
        is_drawn=is_drawn_sample(context.definition),
    )
    checks.check_excluded(frame, table.faults, context.excluded)
    checks.check_attributes(frame, context.definition, table.faults)
    kept = checks.stored_columns(context.definition)
    return divide_by_school(table, frame, columns=kept, school_code=context.school_code)


def _pseudonymous(table: ReadTable, context: SheetContext) -> pl.DataFrame:
    """Pupil numbers become pseudonyms at the door; the plain number goes no further."""
    key = context.key
    numbers = table.frame[checks.STUDENT].unique().drop_nulls()
    names = pl.DataFrame(
        {checks.STUDENT: numbers, checks.STUDENT_KEY: [person_key(number, key) for number in numbers]},
        schema={checks.STUDENT: pl.String, checks.STUDENT_KEY: pl.String},
    )
    return table.frame.join(names, on=checks.STUDENT, how="left", maintain_order="left")
