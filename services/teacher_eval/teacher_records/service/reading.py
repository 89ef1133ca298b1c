"""Who reads a record: the person, the person's school, the offices above it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.teacher_records import repository
from services.teacher_eval.teacher_records.tables import RecordVersion, TeacherRecord
from services.teacher_eval.whole_person import whole_person
from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError


def sees_own_alone(actor: Actor) -> bool:
    """Whether the actor has no role but a teacher's."""
    return actor.roles <= {Role.TEACHER}


def require_readable(row: TeacherRecord, actor: Actor) -> None:
    """A teacher reads no other's record, and is not told that there is one.

    Raises:
        DomainError: ``resource.not_found``.
    """
    if sees_own_alone(actor) and not actor.is_person(row.staff_key):
        raise DomainError("resource.not_found", params={"what": f"record {row.id}"})


async def read_record(
    session: AsyncSession, *, record: uuid.UUID, actor: Actor
) -> tuple[TeacherRecord, Sequence[RecordVersion]]:
    """A record with its history: one's own at whatever school it was made, others' within the actor's organization.

    Raises:
        DomainError: ``resource.not_found``.
    """
    if actor.person is not None:
        async with whole_person(session, actor) as everywhere:
            row = await repository.own_record(session, everywhere, record, actor.person)
            if row is not None:
                return row, await repository.versions_of(session, everywhere, row.id)
    row = await repository.record_by_id(session, actor, record)
    require_readable(row, actor)
    return row, await repository.versions_of(session, actor, row.id)
