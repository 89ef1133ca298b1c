"""What is opened about a record somebody found false: the ordinary doubt while it is shown, afterwards a cancellation."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archive_cancellations import repository
from services.student_eval.archive_cancellations.service import propose
from services.student_eval.archive_terms.doubts import DOUBTS
from services.student_eval.archive_terms.rules import TermState
from services.student_eval.archive_terms.service import subject_of
from services.student_eval.archive_terms.tables import ArchiveTerm
from shared.kernel import clock
from shared.kernel.context import kernel_of
from shared.kernel.settings import ServiceSettings
from shared.kits.appeals.service import comment, submit
from shared.kits.appeals.tables import Side
from shared.kits.calendar import calendar_for
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.workflow.appeals import AppealDeadlines
from shared.workflow.clocks import deadline_rules


@dataclass(frozen=True, slots=True)
class Procedures:
    """The procedures of this service, with its calendars."""

    settings: ServiceSettings

    async def question(
        self, session: AsyncSession, actor: Actor, student_key: str, term: str, record_id: uuid.UUID, reason: str
    ) -> Mapping[str, str]:
        """Opens what is to be opened about a record of a term; ``{"doubt": id}`` or ``{"cancellation": id}``.

        What somebody has opened already goes on: a second record of a class is added to one's own doubt, a cancellation
        that is proposed is not proposed again.

        Raises:
            DomainError: ``archive.not_now`` while the pupil may still change the record; ``resource.not_found``.
        """
        row = await repository.term_of_pupil(session, actor, student_key, term)
        match TermState(row.state):
            case TermState.IN_PUBLICITY:
                return {"doubt": await self._doubt(session, actor, row, student_key, record_id, reason)}
            case TermState.VERIFIED:
                return {"cancellation": await self._cancellation(session, actor, row, student_key, record_id, reason)}
            case state:
                raise DomainError("archive.not_now", params={"state": state})

    async def _doubt(
        self, session: AsyncSession, actor: Actor, row: ArchiveTerm, student_key: str, record_id: uuid.UUID, reason: str
    ) -> str:
        subject = subject_of(row, actor)
        known = await repository.own_open_doubt(session, subject)
        if known is not None:
            words = f"{record_id}：{reason}"
            await comment(session, on=DOUBTS, subject=subject, appeal_id=known.id, side=Side.APPELLANT, body=words)
            return str(known.id)
        usual = {name: rule.working_days for name, rule in deadline_rules().items()}
        made = await submit(
            session,
            on=DOUBTS,
            subject=subject,
            grounds=reason,
            points=[f"{student_key}/{record_id}"],
            asks_for=None,
            deadlines=AppealDeadlines(usual, calendar_for(self.settings, row.org_path), clock.CHINA),
        )
        return str(made.id)

    async def _cancellation(
        self, session: AsyncSession, actor: Actor, row: ArchiveTerm, student_key: str, record_id: uuid.UUID, reason: str
    ) -> str:
        known = await repository.proposed_for(session, actor, record_id)
        if known is None:
            known = await propose(
                session,
                student_key=student_key,
                term=row.term,
                record_id=record_id,
                reason=reason,
                calendar=calendar_for(self.settings, row.org_path),
                actor=actor,
            )
        return str(known.id)


async def _procedures(request: Request) -> Procedures:
    return Procedures(kernel_of(request).settings)


Opening = Annotated[Procedures, Depends(_procedures)]
