"""Questionnaires and rounds."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.ratings import repository
from services.teacher_eval.ratings.schemas import RatingQuestionnaireIn, RoundIn
from services.teacher_eval.ratings.tables import RatingQuestionnaire, RatingRound
from shared.kernel.audit.log import note
from shared.kernel.records import keep
from shared.kernel.web.organizations import code_of
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


async def put_questionnaire(
    session: AsyncSession, *, code: str, body: RatingQuestionnaireIn, actor: Actor
) -> tuple[RatingQuestionnaire, bool]:
    """Keeps a questionnaire as a new version; the same content again is the version there is."""
    content = body.model_dump(mode="json")
    last = await repository.last_number(session, actor, code)
    if last is not None and last.content == content:
        return last, False
    number = 1 if last is None else last.number + 1
    row = RatingQuestionnaire(code=code, number=number, content=content, org_path=actor.org, created_by=actor.subject)
    session.add(row)
    await session.flush()
    note(session, actor, "rating_questionnaire.written", code, {"number": number})
    return row, True


async def put_round(
    session: AsyncSession, *, code: str, body: RoundIn, row: RatingRound | None, actor: Actor
) -> tuple[RatingRound, bool]:
    """Writes a round; once somebody has answered only its last day moves, and not where a school has closed it.

    Raises:
        DomainError: ``resource.not_found`` for the questionnaire; ``survey.answered_already``, ``rating.closed``.
    """
    asked = await repository.questionnaire_for(session, actor, body.questionnaire, body.number)
    if asked is None:
        raise DomainError("resource.not_found", params={"what": f"questionnaire {body.questionnaire} {body.number}"})
    is_new = row is None
    row = row or RatingRound(code=code, org_path=actor.org)
    values: dict[str, Any] = body.model_dump(mode="json", exclude={"questionnaire", "number", "opens_on", "closes_on"})
    values |= {"questionnaire_id": asked.id, "opens_on": body.opens_on, "closes_on": body.closes_on}
    changed = {name for name, value in values.items() if getattr(row, name) != value}
    if not is_new and changed - {"closes_on"} and await repository.has_answers(session, actor, row):
        raise DomainError("survey.answered_already", params={"fields": ", ".join(sorted(changed - {"closes_on"}))})
    if not is_new and changed and await repository.closings_of(session, actor, row):
        raise DomainError("rating.closed", params={"round": code})
    for name, value in values.items():
        setattr(row, name, value)
    key = {"organization": code_of(row.org_path), "round": code}
    await keep(session, row, resource="rating_rounds", action="rating_round.set", key=key, actor=actor)
    return row, is_new
