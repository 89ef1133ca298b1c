"""Taking in fitness results and reading them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.fitness import repository
from services.student_eval.fitness.checks import STUDENT_KEY, check_pupils, check_results, check_retests
from services.student_eval.fitness.columns import STUDENT_NUMBER, sheet_columns
from services.student_eval.fitness.reports import FIRST, RETEST, counts_of, latest_attempts
from services.student_eval.fitness.tables import FitnessSheet, FitnessSheetState
from shared.kernel.context import Kernel
from shared.kernel.personal import person_key
from shared.kernel.records import keep
from shared.kernel.store.columnar import ColumnarStore
from shared.kernel.tabular.columns import ROW
from shared.kernel.tabular.read import ReadTable, read_table
from shared.kernel.web.upload import SpooledFile
from shared.scoring.fitness.scores import fitness_scores
from shared.scoring.fitness.standard import standard_of_2014
from shared.terms.actor import Actor
from shared.terms.organization import path_segments

#: What of a sheet is kept: the results as they were sent. Scores follow from them.
_KEYS = [STUDENT_KEY, "attempt"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file on its way in.

    Args:
        school_year: the year of the tests.
        org_path: the school.
        attempt: ``first`` or ``retest``.
        file: the file.
        enrolled: ``student_key, class_code, grade_level`` of the school's pupils.
        dry_run: nothing is stored.
        row_by_row: rows without a fault are stored beside faulty ones; otherwise one fault refuses the file.
    """

    school_year: str
    org_path: str
    attempt: str
    file: SpooledFile
    enrolled: pl.DataFrame
    dry_run: bool
    row_by_row: bool


async def take_file(session: AsyncSession, kernel: Kernel, upload: Upload, actor: Actor) -> Taken:
    """Takes in results of a school; pupils that are not in the file keep theirs.

    Raises:
        DomainError: ``table.*`` when the file cannot be read at all; ``retention.erased``.
    """
    key = kernel.settings.key("person_key")
    table, frame = await asyncio.to_thread(_read, upload.file.path, upload.file.format, key, upload.enrolled)
    sheet = await repository.sheet_for_update(session, actor, upload.school_year, upload.org_path)
    if sheet is not None:
        repository.require_results(sheet)
    held = await asyncio.to_thread(kernel.columns.get, sheet.sha256) if sheet else None
    if upload.attempt == RETEST:
        failed = pl.Series([], dtype=pl.String) if held is None else _failed(held)
        check_retests(frame, failed, table.faults)
    bad = table.faults.faulty_rows()
    if table.faults and not upload.row_by_row:
        return Taken(table)
    sent = frame.filter(~pl.col(ROW).is_in(bad.implode()), pl.col(STUDENT_KEY).is_not_null()).drop(ROW)
    sent = sent.with_columns(attempt=pl.lit(upload.attempt))
    merged, taken = _merged(held, sent, table)
    if not upload.dry_run and taken.created + taken.changed:
        await _store(session, kernel.columns, upload, sheet, merged, actor)
    return taken


def scored_results(store: ColumnarStore, sha256: str) -> pl.DataFrame:
    """Results of a sheet with their scores. Blocks."""
    return fitness_scores(store.get(sha256), standard_of_2014())


def _read(path: Path, file_format: str, key: bytes, enrolled: pl.DataFrame) -> tuple[ReadTable, pl.DataFrame]:
    table = read_table(path, media_type_or_name=f"body.{file_format}", columns=sheet_columns())
    numbers = table.frame[STUDENT_NUMBER].unique().drop_nulls()
    # Numbers become pseudonyms at the door; the plain number goes no further.
    known = pl.DataFrame(
        {STUDENT_NUMBER: numbers, STUDENT_KEY: [person_key(number, key) for number in numbers]},
        schema={STUDENT_NUMBER: pl.String(), STUDENT_KEY: pl.String()},
    )
    frame = table.frame.join(known, on=STUDENT_NUMBER, how="left", maintain_order="left").drop(STUDENT_NUMBER)
    return table, check_pupils(check_results(frame, table.faults), enrolled, table.faults)


def _failed(held: pl.DataFrame) -> pl.Series:
    scored = fitness_scores(held, standard_of_2014())
    return scored.filter(pl.col("attempt") == FIRST, pl.col("grade") == "failed")[STUDENT_KEY]


def _merged(held: pl.DataFrame | None, sent: pl.DataFrame, table: ReadTable) -> tuple[pl.DataFrame, Taken]:
    if held is None:
        return sent.sort(_KEYS), Taken(table, created=sent.height)
    sent = sent.select(held.columns)
    known = sent.join(held, on=_KEYS, how="semi")
    # Two rows are the same when every column is, nulls too.
    same = known.join(held, on=held.columns, how="semi", nulls_equal=True).height
    merged = pl.concat([held.join(sent, on=_KEYS, how="anti"), sent]).sort(_KEYS)
    return merged, Taken(table, sent.height - known.height, known.height - same, same)


async def _store(
    session: AsyncSession,
    store: ColumnarStore,
    upload: Upload,
    sheet: FitnessSheet | None,
    results: pl.DataFrame,
    actor: Actor,
) -> None:
    standard = standard_of_2014()

    def stored_and_counted() -> tuple[str, pl.DataFrame]:
        scored = latest_attempts(fitness_scores(results, standard))
        return store.put(results).sha256, counts_of(scored, standard, by=["grade_level", "sex"])

    sha256, counts = await asyncio.to_thread(stored_and_counted)
    _, _, county, school = path_segments(upload.org_path)[:4]
    if sheet is None:
        sheet = FitnessSheet(
            school_code=school, county_code=county, school_year=upload.school_year, org_path=upload.org_path
        )
    sheet.sha256, sheet.counts = sha256, counts.to_dicts()
    sheet.student_count = results[STUDENT_KEY].n_unique()
    named = {"school_year": upload.school_year, "school": school}
    detail = {"rows": results.height, "attempt": upload.attempt}
    await keep(session, sheet, resource="fitness_sheets", action="fitness.taken", key=named, actor=actor, detail=detail)
    session.add(
        FitnessSheetState(
            sheet_id=sheet.id,
            org_path=upload.org_path,
            number=sheet.version,
            sha256=sha256,
            source=f"file:{upload.file.sha256}",
            attempt=upload.attempt,
            row_count=results.height,
            by_org=actor.org,
        )
    )
    await session.flush()
