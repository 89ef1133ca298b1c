"""Fitness results in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.fitness.tables import FitnessSheet, FitnessSheetState
from shared.kernel.database.repository import one_visible, visible
from shared.kernel.database.scope import everywhere, within
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


def sheets_of_year(actor: Actor, school_year: str) -> Select[FitnessSheet]:
    """Sheets of a year within the actor's organization."""
    return visible(FitnessSheet, actor).where(FitnessSheet.school_year == school_year)


async def sheet_of(session: AsyncSession, actor: Actor, school_year: str, org_path: str) -> FitnessSheet:
    """The sheet of a school; raises ``resource.not_found``."""
    s = FitnessSheet
    named = (s.school_year == school_year, s.org_path == org_path)
    return await one_visible(session, s, actor, *named, what=f"fitness {school_year}")


async def sheet_at(session: AsyncSession, actor: Actor, school_year: str, org_path: str) -> FitnessSheet | None:
    """The sheet of a school with its results, if there is one."""
    named = (FitnessSheet.org_path == org_path, FitnessSheet.erased_at.is_(None))
    return (await session.scalars(sheets_of_year(actor, school_year).where(*named))).one_or_none()


async def results_of(session: AsyncSession, actor: Actor, school_year: str, org_path: str) -> FitnessSheet:
    """The sheet of a school with its results; raises ``resource.not_found``, ``retention.erased``."""
    return require_results(await sheet_of(session, actor, school_year, org_path))


def require_results(sheet: FitnessSheet) -> FitnessSheet:
    """The sheet, if its results are still held; raises ``retention.erased``."""
    if sheet.erased_at is not None:
        raise DomainError("retention.erased")
    return sheet


async def sheet_for_update(session: AsyncSession, actor: Actor, school_year: str, org_path: str) -> FitnessSheet | None:
    """The sheet of a school, locked, if there is one."""
    statement = sheets_of_year(actor, school_year).where(FitnessSheet.org_path == org_path)
    return (await session.scalars(statement.with_for_update())).one_or_none()


async def sheets_below(session: AsyncSession, actor: Actor, school_year: str, org_path: str) -> Sequence[FitnessSheet]:
    """Sheets of all schools at or below an organization, by school."""
    statement = sheets_of_year(actor, school_year).where(within(FitnessSheet.org_path, org_path))
    return (await session.scalars(statement.order_by(FitnessSheet.school_code))).all()


async def sheets_of_school(session: AsyncSession, actor: Actor, org_path: str) -> Sequence[FitnessSheet]:
    """Sheets of the school an own pupil is at, the latest year first; whoever asks has made sure that it is."""
    async with everywhere(session):
        statement = visible(FitnessSheet, replace(actor, org="")).where(
            FitnessSheet.org_path == org_path, FitnessSheet.erased_at.is_(None)
        )
        return (await session.scalars(statement.order_by(FitnessSheet.school_year.desc()))).all()


async def states_of(session: AsyncSession, actor: Actor, sheet: FitnessSheet) -> Sequence[FitnessSheetState]:
    """Every state of a sheet, oldest first."""
    statement = visible(FitnessSheetState, actor).where(FitnessSheetState.sheet_id == sheet.id)
    return (await session.scalars(statement.order_by(FitnessSheetState.number))).all()
