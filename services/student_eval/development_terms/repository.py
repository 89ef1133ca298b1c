"""Terms of classes in the database."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.development_terms.rules import DevelopmentState
from services.student_eval.development_terms.tables import DevelopmentTerm
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.terms.actor import Actor


def terms_of(
    actor: Actor, *, school_year: str | None = None, semester: int | None = None, class_code: str | None = None
) -> Select[DevelopmentTerm]:
    """Terms within the actor's organization."""
    t, statement = DevelopmentTerm, visible(DevelopmentTerm, actor)
    for column, wanted in ((t.school_year, school_year), (t.semester, semester), (t.class_code, class_code)):
        if wanted is not None:
            statement = statement.where(column == wanted)
    return statement


async def term_by_id(session: AsyncSession, actor: Actor, term_id: uuid.UUID) -> DevelopmentTerm:
    """A term; raises ``resource.not_found``."""
    t = DevelopmentTerm
    return await one_visible(session, t, actor, t.id == term_id, what=f"development term {term_id}")


async def term_for_update(session: AsyncSession, actor: Actor, term_id: uuid.UUID) -> DevelopmentTerm:
    """A term, locked: nothing is written into it while it moves on."""
    t = DevelopmentTerm
    return await one_visible_for_update(session, t, actor, t.id == term_id, what=f"development term {term_id}")


async def term_held(session: AsyncSession, actor: Actor, term_id: uuid.UUID) -> DevelopmentTerm:
    """A term that cannot move on until this transaction is over; many may write into it at once."""
    statement = visible(DevelopmentTerm, actor).where(DevelopmentTerm.id == term_id).with_for_update(read=True)
    row = (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()
    return row if row is not None else await term_by_id(session, actor, term_id)


def terms_listing(actor: Actor, student_key: str) -> Select[DevelopmentTerm]:
    """Terms of classes that list a pupil."""
    return visible(DevelopmentTerm, actor).where(DevelopmentTerm.members.contains([{"student_key": student_key}]))


async def terms_to_report(
    session: AsyncSession, actor: Actor, org_path: str, school_year: str, semester: int
) -> Sequence[DevelopmentTerm]:
    """Terms of a school that are being judged, locked, by class."""
    t = DevelopmentTerm
    statement = terms_of(actor, school_year=school_year, semester=semester).where(
        t.org_path == org_path, t.state == DevelopmentState.JUDGING
    )
    return (await session.scalars(statement.order_by(t.class_code).with_for_update())).all()
