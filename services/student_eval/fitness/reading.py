"""Reports out of many schools' counts, and one person's results out of the sheets of a school."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.fitness import repository
from services.student_eval.fitness.checks import STUDENT_KEY
from services.student_eval.fitness.reports import (
    COUNTED,
    added_up,
    counts_of,
    latest_attempts,
    shown_groups,
    with_rates,
)
from services.student_eval.fitness.schemas import ReportOut, group_out
from services.student_eval.fitness.service import scored_results
from services.student_eval.fitness.tables import FitnessSheet
from services.student_eval.guardianships.access import Side, own_pupils
from shared.kernel.audit.log import note
from shared.kernel.store.columnar import ColumnarStore
from shared.kernel.web.organizations import code_of
from shared.scoring.fitness.scores import fitness_scores
from shared.scoring.fitness.standard import standard_of_2014
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel, path_level

#: Fewest pupils whose figures may be shown; a parameter of this platform. Health is nobody's business by subtraction.
MIN_N = 10
_COUNTS = {
    "school_code": pl.String(),
    "county_code": pl.String(),
    "grade_level": pl.Int64(),
    "sex": pl.String(),
    **dict.fromkeys(COUNTED, pl.Int64()),
}


async def report(
    session: AsyncSession, store: ColumnarStore, *, school_year: str, org_path: str, by: str, actor: Actor
) -> ReportOut:
    """Counts and rates of all pupils at or below an organization.

    Raises:
        DomainError: ``resource.not_found`` where nothing was sent, or for others' organizations; ``fitness.classes_near``
            for classes of more than one school; ``retention.erased`` for classes of long ago.
    """
    sheets = await repository.sheets_below(session, actor, school_year, org_path) if actor.covers(org_path) else []
    if not sheets:
        raise DomainError("resource.not_found", params={"what": f"fitness {school_year}"})
    if by == "class_code":
        if path_level(org_path) is not OrgLevel.SCHOOL:
            raise DomainError("fitness.classes_near")
        counts = await asyncio.to_thread(_by_class, store, repository.require_results(sheets[0]))
    else:
        counts = added_up(_counts(sheets), by=[by])
    # A school knows its own pupils; whoever is above it sees no group that is too small.
    min_n = 1 if actor.level is OrgLevel.SCHOOL else MIN_N
    whole = added_up(counts, by=[]).with_columns(is_withheld=pl.col("n_students") < min_n)
    groups = shown_groups(counts, key=by, min_n=min_n)
    return ReportOut(
        organization=code_of(org_path),
        school_year=school_year,
        by=by,
        min_n=min_n,
        schools=len(sheets),
        whole=group_out(with_rates(whole, min_n=min_n).row(0, named=True), "all"),
        groups=[group_out(row, str(row[by])) for row in groups.iter_rows(named=True)],
    )


async def own_results(session: AsyncSession, store: ColumnarStore, actor: Actor) -> list[tuple[str, dict[str, Any]]]:
    """Year and scored row of every test of the actor, and of the pupils the actor is guardian of.

    What a guardian reads is noted.
    """
    found = []
    for own in await own_pupils(session, actor):
        sheets = await repository.sheets_of_school(session, actor, own.org_path)
        found += await asyncio.to_thread(results_of_person, store, sheets, own.student_key)
        if own.side is Side.GUARDIAN:
            note(session, actor, "fitness.read", own.student_key)
    return found


def results_of_person(
    store: ColumnarStore, sheets: Sequence[FitnessSheet], person: str
) -> list[tuple[str, dict[str, Any]]]:
    """Year and scored row of every test a person took. Blocks."""
    found = []
    for sheet in sheets:
        own = store.scan(sheet.sha256).filter(pl.col(STUDENT_KEY) == person).collect()
        if own.height:
            scored = fitness_scores(own, standard_of_2014())
            found += [(sheet.school_year, row) for row in scored.iter_rows(named=True)]
    return found


def _by_class(store: ColumnarStore, sheet: FitnessSheet) -> pl.DataFrame:
    scored = latest_attempts(scored_results(store, sheet.sha256))
    return counts_of(scored, standard_of_2014(), by=["class_code"])


def _counts(sheets: Sequence[FitnessSheet]) -> pl.DataFrame:
    rows = [
        {"school_code": sheet.school_code, "county_code": sheet.county_code, **counted}
        for sheet in sheets
        for counted in sheet.counts
    ]
    return pl.DataFrame(rows, schema=_COUNTS)
