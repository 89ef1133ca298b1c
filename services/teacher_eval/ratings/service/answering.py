"""Taking sheets without knowing whose they are."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.ratings import repository
from services.teacher_eval.ratings.rules import require_open, sheet_faults
from services.teacher_eval.ratings.schemas import RatingIn
from services.teacher_eval.ratings.tables import (
    RatingAnswer,
    RatingGroup,
    RatingQuestionnaire,
    RatingRound,
    RatingTicket,
)
from services.teacher_eval.staff_register.repository import staff_by_keys
from services.teacher_eval.staff_register.tables import RegisteredStaff
from shared.kernel import clock
from shared.kits.surveys.links import fingerprint
from shared.kits.surveys.questions import answer_faults
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a ticket leads to; the ticket and its group are locked."""

    of: RatingRound
    questionnaire: RatingQuestionnaire
    group: RatingGroup
    ticket: RatingTicket

    @property
    def rateable(self) -> list[str]:
        """Everybody this ticket may rate: the group's people but for its holder."""
        return [key for key in self.group.rated if key != self.ticket.holder_key]


async def open_ticket(session: AsyncSession, *, secret: str, actor: Actor) -> Invitation:
    """What a ticket leads to.

    Raises:
        DomainError: ``resource.not_found`` for a ticket there is not (any more); ``survey.closed``; ``survey.ticket_used``.
    """
    ticket = await repository.ticket_for_update(session, actor, fingerprint(secret))
    if ticket is None:
        raise DomainError("resource.not_found", params={"what": "rating ticket"})
    if ticket.is_used:
        raise DomainError("survey.ticket_used")
    group = await repository.group_of_ticket(session, actor, ticket)
    of = await repository.round_of(session, actor, group)
    require_open(of.opens_on, of.closes_on, clock.today())
    return Invitation(of, await repository.questionnaire_of(session, actor, of), group, ticket)


async def people_of(session: AsyncSession, invitation: Invitation, actor: Actor) -> list[RegisteredStaff]:
    """Those whom a ticket may rate, by name."""
    known = await staff_by_keys(session, actor, invitation.rateable)
    return sorted(known.values(), key=lambda row: (row.name, row.staff_key))


async def take_sheet(session: AsyncSession, *, invitation: Invitation, ratings: Sequence[RatingIn]) -> None:
    """Takes one sheet. Nothing that tells who or when is kept, in the audit log neither.

    Raises:
        DomainError: ``request.invalid`` with everything that does not fit.
    """
    items = invitation.questionnaire.content["items"]
    said = [(rating.rated, rating.answers) for rating in ratings]
    faults = [
        fault
        for place, rating in enumerate(ratings)
        for fault in answer_faults(items, rating.answers, at=f"/ratings/{place}/answers")
    ]
    faults = faults or list(sheet_faults(items, said, rateable=set(invitation.rateable)))
    if faults:
        raise DomainError("request.invalid", faults=faults)
    group, sheet = invitation.group, uuid.uuid4()
    invitation.ticket.is_used = True
    group.response_count += 1
    session.add_all(
        RatingAnswer(
            group_id=group.id,
            org_path=group.org_path,
            staff_key=rated,
            sheet=sheet,
            answered_on=clock.today(),
            answers=dict(answers),
        )
        for rated, answers in said
    )
    await session.flush()
