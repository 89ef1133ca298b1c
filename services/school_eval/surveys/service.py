"""Putting surveys to people, and taking their answers without knowing whose they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.surveys import repository
from services.school_eval.surveys.rules import Audience, require_open
from services.school_eval.surveys.schemas import RoundIn, SurveyedSchoolIn
from services.school_eval.surveys.tables import (
    Questionnaire,
    SurveyAnswer,
    SurveyedSchool,
    SurveyRound,
    SurveyTicket,
)
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.records import keep
from shared.kernel.web.organizations import code_of
from shared.kits.surveys.links import fingerprint, new_secret
from shared.kits.surveys.questions import QuestionnaireIn, require_answers, require_old_enough
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import path_segments

#: Links can be passed on; some slack for latecomers, no more.
_LIMIT_SHARE = 1.2


async def put_questionnaire(
    session: AsyncSession, *, code: str, body: QuestionnaireIn, actor: Actor
) -> tuple[Questionnaire, bool]:
    """Keeps a questionnaire as a new version; the same content again is the version there is."""
    content = body.model_dump(mode="json")
    last = await repository.last_number(session, actor, code)
    if last is not None and last.content == content:
        return last, False
    number = 1 if last is None else last.number + 1
    row = Questionnaire(code=code, number=number, content=content, org_path=actor.org, created_by=actor.subject)
    session.add(row)
    await session.flush()
    note(session, actor, "questionnaire.written", code, {"number": number})
    return row, True


async def put_round(
    session: AsyncSession, *, code: str, body: RoundIn, row: SurveyRound | None, actor: Actor
) -> tuple[SurveyRound, bool]:
    """Writes a round; once somebody has answered only its last day moves.

    Raises:
        DomainError: ``survey.too_young``, ``survey.answered_already``.
    """
    if body.audience is Audience.STUDENTS:
        require_old_enough(body.from_grade)
    asked = await repository.questionnaire(session, actor, body.questionnaire, body.number)
    is_new = row is None
    row = row or SurveyRound(code=code, org_path=actor.org)
    values: dict[str, Any] = body.model_dump(exclude={"questionnaire", "number"}) | {"questionnaire_id": asked.id}
    changed = {name for name, value in values.items() if getattr(row, name) != value}
    if not is_new and changed - {"closes_on"} and await repository.has_answers(session, actor, row):
        raise DomainError("survey.answered_already", params={"fields": ", ".join(sorted(changed - {"closes_on"}))})
    for name, value in values.items():
        setattr(row, name, value)
    await keep(session, row, resource="survey_rounds", action="survey_round.set", key={"round": code}, actor=actor)
    return row, is_new


async def put_school(
    session: AsyncSession, *, survey: SurveyRound, org_path: str, body: SurveyedSchoolIn, actor: Actor
) -> tuple[SurveyedSchool, str | None]:
    """Takes a school into a round, or changes whom it should ask; returns it and the secret of a link made now.

    Raises:
        DomainError: ``survey.elsewhere``.
    """
    if not actor.covers(org_path):
        raise DomainError("survey.elsewhere")
    row = await repository.school_for_update(session, actor, survey, org_path)
    if row is None:
        county, school = path_segments(org_path)[2:4]
        row = SurveyedSchool(
            round_id=survey.id, school_code=school, county_code=county, org_path=org_path, response_count=0
        )
    row.invited_count = body.invited_count
    row.response_limit = max(int(body.invited_count * _LIMIT_SHARE) + 1, row.response_count)
    secret = None
    if body.shared_link and row.link_sha256 is None:
        secret = new_secret()
        row.link_sha256 = fingerprint(secret)
    elif not body.shared_link:
        row.link_sha256 = None
    key = {"round": survey.code, "organization": code_of(org_path)}
    await keep(session, row, resource="surveyed_schools", action="surveyed_school.set", key=key, actor=actor)
    return row, secret


async def make_tickets(
    session: AsyncSession, *, survey: SurveyRound, school: SurveyedSchool, count: int, actor: Actor
) -> list[str]:
    """Makes links for one answer each; their secrets are told once and kept as fingerprints."""
    made = [new_secret() for _ in range(count)]
    session.add_all(
        SurveyTicket(
            surveyed_school_id=school.id, org_path=school.org_path, secret_sha256=fingerprint(secret), is_used=False
        )
        for secret in made
    )
    await session.flush()
    note(session, actor, "survey_tickets.made", survey.code, {"organization": code_of(school.org_path), "count": count})
    return made


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link leads to."""

    survey: SurveyRound
    questionnaire: Questionnaire
    school: SurveyedSchool
    ticket: SurveyTicket | None


async def open_link(session: AsyncSession, *, secret: str, actor: Actor) -> Invitation:
    """What a link leads to, locked.

    Raises:
        DomainError: ``resource.not_found`` for a link there is not; ``survey.closed``; ``survey.ticket_used``;
            ``survey.link_exhausted``.
    """
    sha256 = fingerprint(secret)
    ticket = await repository.ticket_for_update(session, actor, sha256)
    school = (
        await repository.by_link(session, actor, sha256)
        if ticket is None
        else await repository.surveyed_for_update(session, actor, ticket)
    )
    if school is None:
        raise DomainError("resource.not_found", params={"what": "survey link"})
    if ticket is not None and ticket.is_used:
        raise DomainError("survey.ticket_used")
    if ticket is None and school.response_count >= school.response_limit:
        raise DomainError("survey.link_exhausted")
    survey = await repository.round_of(session, actor, school)
    require_open(survey.opens_on, survey.closes_on, clock.today())
    return Invitation(survey, await repository.questionnaire_of(session, actor, survey), school, ticket)


async def take_answer(session: AsyncSession, *, invitation: Invitation, answers: dict[str, Any]) -> None:
    """Takes one answer. Nothing that tells who or when is kept, in the audit log neither.

    Raises:
        DomainError: ``request.invalid``, ``survey.empty``.
    """
    require_answers(invitation.questionnaire.content["items"], answers)
    school = invitation.school
    if invitation.ticket is not None:
        invitation.ticket.is_used = True
    school.response_count += 1
    school.response_limit = max(school.response_limit, school.response_count)
    answer = SurveyAnswer(surveyed_school_id=school.id, org_path=school.org_path, answers=dict(answers))
    answer.answered_on = clock.today()
    session.add(answer)
    await session.flush()


def audience_of(survey: SurveyRound) -> Audience:
    """Who is asked."""
    return Audience(survey.audience)
