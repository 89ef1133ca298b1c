"""Whose things are one's own: a pupil's, and those of the pupils somebody is guardian of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.guardianships import repository
from shared.kernel.database.scope import set_org_scope
from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError
from shared.terms.organization import path_segments

#: Whoever holds one of these alone sees own things and nobody else's.
OWN_ROLES = frozenset({Role.STUDENT, Role.GUARDIAN})


class Side(StrEnum):
    """As whom somebody sees a pupil's things."""

    PUPIL = "pupil"
    GUARDIAN = "guardian"


@dataclass(frozen=True, slots=True)
class Own:
    """A pupil who is somebody's own, as whom, and the school the pupil is at."""

    student_key: str
    side: Side
    org_path: str


async def own_pupils(session: AsyncSession, actor: Actor) -> Sequence[Own]:
    """Every pupil whose things are the actor's own: oneself, and those one is guardian of, at whatever school."""
    if actor.person is None:
        return ()
    found = []
    if Role.STUDENT in actor.roles:
        found.append(Own(actor.person, Side.PUPIL, _school(actor.org)))
    if Role.GUARDIAN in actor.roles:
        rows = await repository.standing_of_guardian(session, actor, actor.person)
        found += [Own(row.student_key, Side.GUARDIAN, row.org_path) for row in rows]
    return found


async def require_own(session: AsyncSession, actor: Actor, student_key: str) -> Own:
    """The pupil, if the actor is the pupil or a standing guardian.

    Raises:
        DomainError: ``resource.not_found``; the same for a pupil there is not.
    """
    for own in await own_pupils(session, actor):
        if own.student_key == student_key:
            return own
    raise DomainError("resource.not_found", params={"what": f"student {student_key}"})


async def reader_of(session: AsyncSession, actor: Actor, student_key: str) -> Actor:
    """Who reads a pupil's things: of pupils and guardians only those whose own they are; others are seen to elsewhere.

    A guardian reads at the school the pupil is at, whichever school the account belongs to.

    Raises:
        DomainError: ``resource.not_found``.
    """
    if not actor.roles <= OWN_ROLES:
        return actor
    own = await require_own(session, actor, student_key)
    if own.side is Side.PUPIL or actor.covers(own.org_path):
        return actor
    await set_org_scope(session, own.org_path)
    return replace(actor, org=own.org_path)


def _school(org: str) -> str:
    return "".join(f"{segment}/" for segment in path_segments(org)[:4])
