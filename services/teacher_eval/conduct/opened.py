"""A case as somebody may reach it: one dependency a kind of caller, every reading noted."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Path
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.conduct import repository
from services.teacher_eval.conduct.service.keeping import note_read
from services.teacher_eval.conduct.tables import ConductCase
from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.whole_person import own_key, whole_person
from shared.kernel.database.scope import set_org_scope
from shared.terms.actor import Actor

Reader = Annotated[Actor, Depends(PERMISSIONS.requires("conduct.read"))]
Handler = Annotated[Actor, Depends(PERMISSIONS.requires("conduct.handle"))]
Own = Annotated[Actor, Depends(PERMISSIONS.requires("conduct.read_own"))]
OwnWriter = Annotated[Actor, Depends(PERMISSIONS.requires("conduct.state_own"))]
CaseId = Annotated[uuid.UUID, Path()]


async def handled(session: AsyncSession, case_id: uuid.UUID, actor: Actor, *, is_locked: bool = False) -> ConductCase:
    """A case that the actor's level has a part in; raises ``resource.not_found``, whether there is none or it is others'."""
    row = await repository.one_case(session, repository.cases_handled_by(actor), case_id, is_locked=is_locked)
    note_read(session, actor, str(case_id))
    return row


async def own(
    session: AsyncSession, case_id: uuid.UUID, actor: Actor, *, is_locked: bool = False
) -> tuple[ConductCase, Actor]:
    """The person's own case, and the person as acting where the case is, wherever they work now.

    Raises:
        DomainError: ``development.no_person``; ``resource.not_found``.
    """
    person = own_key(actor)
    async with whole_person(session, actor) as everywhere:
        statement = repository.cases_of_person(everywhere, person)
        row = await repository.one_case(session, statement, case_id, is_locked=is_locked)
    await set_org_scope(session, row.org_path)
    note_read(session, actor, str(case_id))
    return row, replace(actor, org=row.org_path)
