"""Who reads what a pupil is told: the pupil and guardians wherever it was, the class's teachers, the school."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.guardianships.access import OWN_ROLES, own_pupil, require_own
from shared.kernel.audit.log import note
from shared.kernel.database.scope import everywhere
from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError


@dataclass(frozen=True, slots=True)
class PupilReader:
    """Somebody who reads what a pupil is told.

    Args:
        actor: as whom rows are looked for.
        teachers_only: a teacher, who reads the terms of classes taught alone.
    """

    actor: Actor
    teachers_only: str | None = None


async def is_own(session: AsyncSession, actor: Actor, student_key: str) -> bool:
    """Whether a pupil's things are one's own; raises ``resource.not_found`` for whoever reads own things alone."""
    if actor.roles <= OWN_ROLES:
        await require_own(session, actor, student_key)
        return True
    return await own_pupil(session, actor, student_key) is not None


@asynccontextmanager
async def reading_of(session: AsyncSession, actor: Actor, student_key: str) -> AsyncIterator[PupilReader]:
    """Lets somebody read a pupil's results within the block; a school's reading is noted.

    Raises:
        DomainError: ``resource.not_found`` for what is not one's own; ``development.not_your_class`` for a teacher whose
            account stands for nobody.
    """
    if await is_own(session, actor, student_key):
        async with everywhere(session):
            yield PupilReader(replace(actor, org=""))
        return
    note(session, actor, "development.read", student_key)
    if Role.SCHOOL_ADMIN in actor.roles:
        yield PupilReader(actor)
    elif actor.person is None:
        raise DomainError("development.not_your_class")
    else:
        yield PupilReader(actor, teachers_only=actor.person)
