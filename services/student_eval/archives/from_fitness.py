"""Fitness results of the school year, taken into archives from this service's own sheet: nobody types them again."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archive_terms.repository import term_held
from services.student_eval.archive_terms.rules import TermState
from services.student_eval.archives.chain import EntryKind
from services.student_eval.archives.imports import STUDENT_KEY, take_in
from services.student_eval.archives.rules import require_time
from services.student_eval.archives.service.records import record_type_of
from services.student_eval.fitness.reports import latest_attempts
from services.student_eval.fitness.repository import sheet_of
from services.student_eval.fitness.service import scored_results
from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.fitness.standard import standard_of_2014
from shared.terms.actor import Actor

KIND = "fitness_results"


async def take_fitness(
    session: AsyncSession, store: ColumnarStore, *, term_id: uuid.UUID, dry_run: bool, actor: Actor
) -> tuple[int, int]:
    """Writes total and grade of every pupil of a class who has them; returns how many were found, and how many are new.

    Raises:
        DomainError: ``resource.not_found`` when the school has sent no sheet of the year; ``archive.frozen``,
            ``archive.not_now``, ``archive.kept_elsewhere``, ``archive.sealed``.
    """
    term = await term_held(session, actor, term_id)
    require_time(EntryKind.RECORD_WRITTEN, TermState(term.state))
    sheet = await sheet_of(session, actor, term.school_year, term.org_path)
    members = [member[STUDENT_KEY] for member in term.members]
    rows = await asyncio.to_thread(_totals, store, sheet.sha256, members, term.school_year)
    kind, source = record_type_of(KIND), f"fitness:{sheet.sha256}"
    return len(rows), await take_in(session, term, kind, rows, source=source, dry_run=dry_run, actor=actor)


def _totals(
    store: ColumnarStore, sha256: str, members: list[str], school_year: str
) -> list[tuple[str, dict[str, Any]]]:
    names = {grade.code: grade.name["zh"] for grade in standard_of_2014().grades}
    scored = latest_attempts(scored_results(store, sha256))
    found = scored.filter(pl.col(STUDENT_KEY).is_in(members), pl.col("grade").is_not_null())
    return [
        (row[STUDENT_KEY], {"school_year": school_year, "total": f"{row['total']:g}", "grade": names[row["grade"]]})
        for row in found.iter_rows(named=True)
    ]
