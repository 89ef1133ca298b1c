"""Result sets in the database."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.analyses.tables import Analysis
from services.monitoring.exams.tables import Exam, Participant
from services.monitoring.results.tables import ResultReconciliation, ResultSet
from shared.kernel.database.repository import one_visible, visible
from shared.terms.actor import Actor


async def versions_of(session: AsyncSession, actor: Actor, exam: Exam) -> Sequence[ResultSet]:
    """Every version of an exam's results, newest first."""
    newest_first = (ResultSet.major.desc(), ResultSet.minor.desc(), ResultSet.patch.desc())
    statement = visible(ResultSet, actor).where(ResultSet.exam_id == exam.id).order_by(*newest_first)
    return (await session.scalars(statement)).all()


async def has_school(session: AsyncSession, actor: Actor, exam: Exam, school_code: str) -> bool:
    """Whether a participating school lies within the actor's organization."""
    statement = visible(Participant, actor).where(
        Participant.exam_id == exam.id, Participant.school_code == school_code
    )
    return (await session.scalars(statement)).first() is not None


async def school_names(session: AsyncSession, actor: Actor, exam: Exam) -> dict[str, str]:
    """Names, by code, of the participating schools that the actor's organization holds."""
    statement = visible(Participant, actor).where(Participant.exam_id == exam.id)
    return {row.school_code: row.name_zh for row in await session.scalars(statement)}


async def result_set_by_id(session: AsyncSession, actor: Actor, result_set_id: uuid.UUID) -> ResultSet:
    """A version by its id, or ``resource.not_found``."""
    return await one_visible(session, ResultSet, actor, ResultSet.id == result_set_id, what="result set")


async def analysis_of(session: AsyncSession, actor: Actor, result_set: ResultSet) -> Analysis:
    """The analysis that a version publishes, or ``resource.not_found``."""
    return await one_visible(session, Analysis, actor, Analysis.id == result_set.analysis_id, what="analysis")


async def reconciliation_by_id(session: AsyncSession, actor: Actor, record_id: uuid.UUID) -> ResultReconciliation:
    """A reconciliation within the actor's organization, or ``resource.not_found``."""
    found = ResultReconciliation.id == record_id
    return await one_visible(session, ResultReconciliation, actor, found, what=f"reconciliation {record_id}")


def reconciliations_of(actor: Actor, result_set: ResultSet) -> Select[ResultReconciliation]:
    """The reconciliations of a version within the actor's organization."""
    return visible(ResultReconciliation, actor).where(ResultReconciliation.result_set_id == result_set.id)
