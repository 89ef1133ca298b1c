"""Who speaks for whom: pupils for themselves, guardians for their children."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.development_words.rules import WordSource
from services.student_eval.guardianships.access import Side, as_own, require_own
from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError


def own_key(actor: Actor) -> str:
    """The pseudonym of the pupil who asks; raises ``development.not_yours``."""
    if Role.STUDENT not in actor.roles or actor.person is None:
        raise DomainError("development.not_yours")
    return actor.person


async def speaker_of(session: AsyncSession, actor: Actor, student_key: str) -> tuple[WordSource, Actor]:
    """Whose word it is when somebody speaks of a pupil, and who reads the pupil's term then.

    Raises:
        DomainError: ``resource.not_found`` for somebody else's.
    """
    own = await require_own(session, actor, student_key)
    source = WordSource.SELF if own.side is Side.PUPIL else WordSource.GUARDIANS
    return source, await as_own(session, actor, own)
