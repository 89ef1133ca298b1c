"""Who reads a record: the person, the person's school, the offices above it."""

from __future__ import annotations

from services.teacher_eval.teacher_records.tables import TeacherRecord
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
