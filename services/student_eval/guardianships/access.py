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


async def own_pupil(session: AsyncSession, actor: Actor, student_key: str) -> Own | None:
    """The pupil, if the actor is the pupil or a standing guardian."""
    return next((own for own in await own_pupils(session, actor) if own.student_key == student_key), None)


async def require_own(session: AsyncSession, actor: Actor, student_key: str) -> Own:
    """As :func:`own_pupil`.

    Raises:
        DomainError: ``resource.not_found``; the same for a pupil there is not.
    """
    own = await own_pupil(session, actor, student_key)
    if own is None:
        raise DomainError("resource.not_found", params={"what": f"student {student_key}"})
    return own


async def reader_of(session: AsyncSession, actor: Actor, student_key: str) -> Actor:
    """Who reads a pupil's things: of pupils and guardians only those whose own they are; others are seen to elsewhere.

    A guardian reads at the school the pupil is at, whichever school the account belongs to. Whoever works at a school as
    well reads as the school's, and nowhere else: a teacher does not become one at the school of the own child.

    Raises:
        DomainError: ``resource.not_found``.
    """
    if not actor.roles <= OWN_ROLES:
        return actor
    return await as_own(session, actor, await require_own(session, actor, student_key))


async def as_own(session: AsyncSession, actor: Actor, own: Own) -> Actor:
    """The actor as pupil or guardian and nothing else, at the school the pupil is at."""
    roles = actor.roles & OWN_ROLES
    if own.side is Side.PUPIL or actor.covers(own.org_path):
        return replace(actor, roles=roles)
    await set_org_scope(session, own.org_path)
    return replace(actor, org=own.org_path, roles=roles)


def _school(org: str) -> str:
    return "".join(f"{segment}/" for segment in path_segments(org)[:4])
