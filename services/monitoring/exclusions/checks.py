"""What is wrong with a list of exclusions: pure, over typed columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from services.monitoring.exclusions.rules import NEEDS_DOCUMENT, NEEDS_NOTE, NOTE_LENGTH, PUPIL_REASONS, ROW_REASONS
from services.monitoring.intake.sheets import CANDIDATE, COUNTY, SCHOOL
from services.monitoring.mark_sheets.checks import STUDENT, STUDENT_KEY
from shared.kernel.personal import person_key
from shared.kernel.tabular.columns import ROW, Column, ColumnKind
from shared.kernel.tabular.faults import FaultTable, unique_faults

REASON, DOCUMENT, NOTE = "reason_code", "document_number", "note"
_WORDS = {name: code for reasons in (PUPIL_REASONS, ROW_REASONS) for code, name in reasons.items()}
_ACCEPTED = {code: code for reasons in (PUPIL_REASONS, ROW_REASONS) for code in reasons} | _WORDS
COLUMNS = (
    Column(SCHOOL, ColumnKind.CODE, optional=True, aliases=("学校代码",), max_length=40),
    Column(STUDENT, ColumnKind.CODE, optional=True, aliases=("学籍号",), max_length=40, sensitive=True),
    Column(CANDIDATE, ColumnKind.CODE, optional=True, aliases=("考号",), max_length=40),
    Column(REASON, ColumnKind.TEXT, required=True, aliases=("原因",), allowed=tuple(_ACCEPTED)),
    Column(DOCUMENT, ColumnKind.TEXT, optional=True, aliases=("文号",), max_length=120),
    Column(NOTE, ColumnKind.TEXT, optional=True, aliases=("说明",), max_length=NOTE_LENGTH[1]),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What exclusions are held against.

    Args:
        participants: county code by school code of the schools the caller sees.
        school_code: the caller's own school, whose column may be left out.
        roster: the frozen roster: ``student_key, school_code``.
        rows: rows of the sheets in force of the schools concerned: ``school_code, candidate_id, student_key``.
        key: secret of the pupils' pseudonyms.
    """

    participants: Mapping[str, str]
    school_code: str | None
    roster: pl.DataFrame
    rows: pl.DataFrame
    key: bytes


def placed(frame: pl.DataFrame, participants: Mapping[str, str], school_code: str | None) -> pl.DataFrame:
    """The list with the caller's own school filled in, the county beside it, and reasons as codes."""
    return frame.with_columns(
        pl.col(SCHOOL).fill_null(pl.lit(school_code, pl.String)),
        pl.col(REASON).replace_strict(_ACCEPTED, default=None, return_dtype=pl.String),
    ).with_columns(
        pl.col(SCHOOL).replace_strict(dict(participants), default=None, return_dtype=pl.String).alias(COUNTY)
    )


def check_exclusions(frame: pl.DataFrame, faults: FaultTable, found: Surroundings) -> pl.DataFrame:
    """Reports every fault of a list; its pupil numbers become pseudonyms here and go no further.

    Args:
        frame: the list as :func:`placed`, with ``row``.
        faults: takes the faults found.
        found: what it is held against.

    Returns:
        The list with ``student_key`` in place of the pupil number.
    """
    frame = _pseudonymous(frame, found.key)
    faults.add_where(frame, pl.col(SCHOOL).is_null(), code="cell.missing", column=SCHOOL)
    unknown = pl.col(SCHOOL).is_not_null() & pl.col(COUNTY).is_null()
    faults.add_where(frame, unknown, code="school.unknown", column=SCHOOL)
    both = pl.col(STUDENT_KEY).is_null() == pl.col(CANDIDATE).is_null()
    faults.add_where(frame, both, code="exclusion.one_subject", column=CANDIDATE)
    _check_reasons(frame, faults)
    known = frame.filter(pl.col(COUNTY).is_not_null())
    _check_pupils(known.filter(pl.col(STUDENT_KEY).is_not_null()), faults, found)
    _check_rows(known.filter(pl.col(CANDIDATE).is_not_null()), faults, found)
    return frame


def _pseudonymous(frame: pl.DataFrame, key: bytes) -> pl.DataFrame:
    numbers = frame[STUDENT].unique().drop_nulls()
    names = pl.DataFrame(
        {STUDENT: numbers, STUDENT_KEY: [person_key(number, key) for number in numbers]},
        schema={STUDENT: pl.String, STUDENT_KEY: pl.String},
    )
    return frame.join(names, on=STUDENT, how="left", maintain_order="left").drop(STUDENT)


def _check_reasons(frame: pl.DataFrame, faults: FaultTable) -> None:
    reason = pl.col(REASON)
    pupil = pl.col(STUDENT_KEY).is_not_null()
    fits = pl.when(pupil).then(reason.is_in(list(PUPIL_REASONS))).otherwise(reason.is_in(list(ROW_REASONS)))
    fits = fits.fill_null(False) | pl.col(ROW).is_in(faults.faulty_rows().implode())  # told already
    for subject, reasons in ((pupil, PUPIL_REASONS), (~pupil, ROW_REASONS)):
        allowed = "、".join(reasons)
        faults.add_where(frame, subject & ~fits, code="exclusion.reason_unfit", column=REASON, allowed=allowed)
    undocumented = pupil & reason.is_in(list(NEEDS_DOCUMENT)) & (pl.col(DOCUMENT).str.len_chars().fill_null(0) < 3)
    faults.add_where(frame, undocumented, code="exclusion.document_missing", column=DOCUMENT)
    unexplained = reason.is_in(list(NEEDS_NOTE)) & (pl.col(NOTE).str.len_chars().fill_null(0) < NOTE_LENGTH[0])
    faults.add_where(frame, unexplained, code="exclusion.note_missing", column=NOTE)


def _check_pupils(frame: pl.DataFrame, faults: FaultTable, found: Surroundings) -> None:
    where = found.roster.select(STUDENT_KEY, pl.col(SCHOOL).alias("roster_school"))
    placed_in = frame.join(where, on=STUDENT_KEY, how="left", maintain_order="left")
    faults.add_where(placed_in, pl.col("roster_school").is_null(), code="student.unknown", column=STUDENT)
    elsewhere = pl.col("roster_school") != pl.col(SCHOOL)
    faults.add_where(placed_in, elsewhere, code="student.other_school", column=STUDENT)
    with_row = frame.join(found.rows, on=[SCHOOL, STUDENT_KEY], how="semi", maintain_order="left")
    faults.add_rows(with_row, "exclusion.has_row", column=STUDENT)
    unique_faults(frame.with_columns(pl.col(STUDENT_KEY).alias(STUDENT)), [STUDENT], faults)


def _check_rows(frame: pl.DataFrame, faults: FaultTable, found: Surroundings) -> None:
    unlinked = found.rows.join(found.roster, on=[SCHOOL, STUDENT_KEY], how="anti")
    absent = frame.join(unlinked, on=[SCHOOL, CANDIDATE], how="anti", maintain_order="left")
    faults.add_rows(absent, "exclusion.row_unknown", column=CANDIDATE, value=CANDIDATE)
    unique_faults(frame, [SCHOOL, CANDIDATE], faults)
