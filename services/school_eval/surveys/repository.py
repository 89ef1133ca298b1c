"""Surveys in the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, func
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.surveys.tables import (
    Questionnaire,
    SurveyAnswer,
    SurveyedSchool,
    SurveyRound,
    SurveyTicket,
)
from shared.kernel.database.repository import one_visible, visible
from shared.kernel.database.scope import within
from shared.terms.actor import Actor


async def last_number(session: AsyncSession, actor: Actor, code: str) -> Questionnaire | None:
    """The newest version of a questionnaire."""
    statement = visible(Questionnaire, actor).where(Questionnaire.code == code).order_by(Questionnaire.number.desc())
    return (await session.scalars(statement.limit(1))).one_or_none()


async def questionnaire(session: AsyncSession, actor: Actor, code: str, number: int) -> Questionnaire:
    """A version of a questionnaire; raises ``resource.not_found``."""
    named = (Questionnaire.code == code, Questionnaire.number == number)
    return await one_visible(session, Questionnaire, actor, *named, what=f"questionnaire {code} {number}")


async def questionnaire_of(session: AsyncSession, actor: Actor, row: SurveyRound) -> Questionnaire:
    """What a round asks."""
    return await one_visible(
        session, Questionnaire, actor, Questionnaire.id == row.questionnaire_id, what="questionnaire"
    )


async def round_by_code(session: AsyncSession, actor: Actor, code: str) -> SurveyRound:
    """A round; raises ``resource.not_found``."""
    return await one_visible(session, SurveyRound, actor, SurveyRound.code == code, what=f"survey round {code}")


async def own_round_for_update(session: AsyncSession, actor: Actor, code: str) -> SurveyRound | None:
    """The actor's own round, locked, if there is one."""
    r = SurveyRound
    statement = visible(r, actor).where(r.code == code, r.org_path == actor.org).with_for_update()
    return (await session.scalars(statement)).one_or_none()


def all_rounds(actor: Actor) -> Select[SurveyRound]:
    """Rounds the actor sees."""
    return visible(SurveyRound, actor)


async def rounds_of_year(
    session: AsyncSession, actor: Actor, school_year: str, audiences: Collection[str]
) -> Sequence[SurveyRound]:
    """Rounds of a year that asked some audiences, by code."""
    r = SurveyRound
    statement = visible(r, actor).where(r.school_year == school_year, r.audience.in_(audiences)).order_by(r.code)
    return (await session.scalars(statement)).all()


def schools_of(actor: Actor, row: SurveyRound) -> Select[SurveyedSchool]:
    """Schools of a round within the actor's organization."""
    return visible(SurveyedSchool, actor).where(SurveyedSchool.round_id == row.id)


async def has_answers(session: AsyncSession, actor: Actor, row: SurveyRound) -> bool:
    """Whether somebody has answered already."""
    total = schools_of(actor, row).with_only_columns(func.coalesce(func.sum(SurveyedSchool.response_count), 0))
    return bool((await session.execute(total)).scalar_one())


async def school_for_update(
    session: AsyncSession, actor: Actor, row: SurveyRound, org_path: str
) -> SurveyedSchool | None:
    """A school of a round, locked, if there is one."""
    statement = schools_of(actor, row).where(SurveyedSchool.org_path == org_path).with_for_update()
    return (await session.scalars(statement)).one_or_none()


async def by_link(session: AsyncSession, actor: Actor, secret_sha256: str) -> SurveyedSchool | None:
    """The school whose shared link this is, locked."""
    statement = visible(SurveyedSchool, actor).where(SurveyedSchool.link_sha256 == secret_sha256)
    return (await session.scalars(statement.with_for_update())).one_or_none()


async def ticket_for_update(session: AsyncSession, actor: Actor, secret_sha256: str) -> SurveyTicket | None:
    """A ticket, locked, if there is one."""
    statement = visible(SurveyTicket, actor).where(SurveyTicket.secret_sha256 == secret_sha256)
    return (await session.scalars(statement.with_for_update())).one_or_none()


async def surveyed_for_update(session: AsyncSession, actor: Actor, ticket: SurveyTicket) -> SurveyedSchool:
    """The school of a ticket, locked."""
    s = SurveyedSchool
    statement = visible(s, actor).where(s.id == ticket.surveyed_school_id).with_for_update()
    return (await session.scalars(statement)).one()


async def round_of(session: AsyncSession, actor: Actor, school: SurveyedSchool) -> SurveyRound:
    """The round a school is in."""
    return await one_visible(session, SurveyRound, actor, SurveyRound.id == school.round_id, what="survey round")


async def answers_of(
    session: AsyncSession, actor: Actor, row: SurveyRound, *, below: str
) -> Sequence[tuple[str, dict[str, Any]]]:
    """School and answers of everybody who answered within an organization."""
    s, a = SurveyedSchool, SurveyAnswer
    statement = (
        visible(a, actor)
        .join(s, s.id == a.surveyed_school_id)
        .where(s.round_id == row.id, within(a.org_path, below))
        .with_only_columns(s.school_code, a.answers)
        .order_by(a.id)
    )
    return [(school, answers) for school, answers in (await session.execute(statement)).all()]


async def invited_within(
    session: AsyncSession, actor: Actor, row: SurveyRound, *, below: str
) -> Sequence[SurveyedSchool]:
    """Schools of a round within an organization, by code."""
    statement = schools_of(actor, row).where(within(SurveyedSchool.org_path, below))
    return (await session.scalars(statement.order_by(SurveyedSchool.school_code))).all()
