"""Cases of conduct in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy import Select, delete, func, or_
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.conduct.rules import OVER, WITH_EFFECT, CaseState
from services.teacher_eval.conduct.tables import ConductAppeal, ConductCase, ConductEntry, ConductEvidence
from shared.kernel.database.repository import visible
from shared.kernel.database.scope import everywhere
from shared.kits.platform import platform_actor
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.workflow.appeals import AppealState

_SWEPT = 200


def cases_handled_by(actor: Actor) -> Select[ConductCase]:
    """Cases that the actor's level has a part in, but for those about the actor."""
    statement = visible(ConductCase, actor).where(ConductCase.levels.contains([actor.level.value]))
    return statement if actor.person is None else statement.where(ConductCase.staff_key != actor.person)


def cases_of_person(actor: Actor, staff_key: str) -> Select[ConductCase]:
    """Cases that a person was told of."""
    told = or_(ConductCase.notified_at.is_not(None), ConductCase.suspended_on.is_not(None))
    return visible(ConductCase, actor).where(ConductCase.staff_key == staff_key, told)


async def is_known_to(session: AsyncSession, actor: Actor, case_id: uuid.UUID) -> bool:
    """Whether a case is about the actor, who was told of it; wherever it is."""
    if actor.person is None:
        return False
    async with everywhere(session):
        statement = cases_of_person(platform_actor("teacher_eval"), actor.person).where(ConductCase.id == case_id)
        return (await session.execute(statement)).scalar_one_or_none() is not None


async def one_case(
    session: AsyncSession, statement: Select[ConductCase], case_id: uuid.UUID, *, is_locked: bool = False
) -> ConductCase:
    """One case among some; raises ``resource.not_found``."""
    statement = statement.where(ConductCase.id == case_id)
    if is_locked:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise DomainError("resource.not_found", params={"what": f"conduct case {case_id}"})
    return row


async def entries_of(
    session: AsyncSession, actor: Actor, row: ConductCase, *, shown_only: bool
) -> Sequence[ConductEntry]:
    """What was done in a case, oldest first; of what the person reads alone, if asked."""
    statement = visible(ConductEntry, actor).where(ConductEntry.case_id == row.id)
    if shown_only:
        statement = statement.where(ConductEntry.is_shown)
    return (await session.scalars(statement.order_by(ConductEntry.id))).all()


async def file_count(session: AsyncSession, actor: Actor, subject_type: str, row: ConductCase) -> int:
    """Files of a kind that stand in a case."""
    statement = visible(ConductEvidence, actor).where(
        ConductEvidence.subject_type == subject_type,
        ConductEvidence.subject_key == str(row.id),
        ConductEvidence.withdrawn_at.is_(None),
    )
    return int((await session.scalars(statement.with_only_columns(func.count()))).one())


async def has_appealed(session: AsyncSession, actor: Actor, row: ConductCase) -> bool:
    """Whether the decision of a case was appealed against before, and that was not withdrawn."""
    statement = visible(ConductAppeal, actor).where(
        ConductAppeal.subject_key == str(row.id), ConductAppeal.state != AppealState.WITHDRAWN
    )
    return bool((await session.scalars(statement.with_only_columns(func.count()))).one())


async def with_effect_between(
    session: AsyncSession, actor: Actor, first_day: dt.date, last_day: dt.date
) -> Sequence[ConductCase]:
    """Cases something follows from on any day of a period."""
    statement = visible(ConductCase, actor).where(
        ConductCase.state.in_(sorted(WITH_EFFECT)),
        ConductCase.effective_on <= last_day,
        or_(ConductCase.last_on.is_(None), ConductCase.last_on >= first_day),
    )
    return (await session.scalars(statement.order_by(ConductCase.id))).all()


async def decided_before(session: AsyncSession, actor: Actor, at: dt.datetime) -> Sequence[ConductCase]:
    """Decisions whose days for a review are over, locked."""
    return await _some(session, actor, ConductCase.state == CaseState.DECIDED, ConductCase.review_until <= at)


async def in_effect_before(session: AsyncSession, actor: Actor, day: dt.date) -> Sequence[ConductCase]:
    """Cases whose last day lies before a day, locked."""
    return await _some(session, actor, ConductCase.state == CaseState.IN_EFFECT, ConductCase.last_on < day)


async def not_erased(session: AsyncSession, actor: Actor, before: dt.date) -> Sequence[ConductCase]:
    """Cases that were over before a day and still have their words, locked."""
    over = ConductCase.state.in_(sorted(OVER))
    return await _some(session, actor, over, ConductCase.ended_on < before, ConductCase.erased_at.is_(None))


async def erase_words(session: AsyncSession, actor: Actor, row: ConductCase, at: dt.datetime) -> None:
    """Deletes the thread of an erased case and withdraws its files; blobs and hashes stay with the evidence kit."""
    await session.flush()
    await session.execute(delete(ConductEntry).where(ConductEntry.case_id == row.id))
    files = visible(ConductEvidence, actor).where(
        ConductEvidence.subject_key == str(row.id), ConductEvidence.withdrawn_at.is_(None)
    )
    for file in (await session.scalars(files)).all():
        file.withdrawn_at, file.withdrawn_by = at, actor.subject
        file.withdrawn_reason = "保存期满 / kept no longer"


async def _some(session: AsyncSession, actor: Actor, *conditions: object) -> Sequence[ConductCase]:
    statement = visible(ConductCase, actor).where(*conditions).order_by(ConductCase.id)  # type: ignore[arg-type]
    return (await session.scalars(statement.limit(_SWEPT).with_for_update(skip_locked=True))).all()
