"""What a kit is mounted on: one thing of the service, as the one who acts may reach it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.changes.feed import Operation, record_changes
from shared.kernel.database.base import OrgScoped
from shared.kernel.database.repository import one_visible_for_update, visible
from shared.terms.actor import Actor

R = TypeVar("R", bound=OrgScoped)


@dataclass(frozen=True, slots=True)
class Subject:
    """The thing that files, notices, appeals or signatures belong to.

    A service writes a dependency that finds it, declares the permission, and raises what the service itself would refuse
    (``resource.not_found``, a state in which nothing may be added). The kit never asks again.

    Args:
        type: the kind of thing, in the service's own words, e.g. ``self_evaluation``.
        key: its natural key or id; not personal, because it stands in audit records and change feeds.
        org_path: the organization its rows belong to: who stands at or above it sees them.
        actor: the one who acts.
    """

    type: str
    key: str
    org_path: str
    actor: Actor


def rows_of(table: type[R], actor: Actor) -> Select[R]:
    """All rows of a mounted table that the actor may see; a mixin's table is a table only in its service."""
    mounted: Any = table
    return visible(mounted, actor)


def rows_about(table: type[R], subject: Subject) -> Select[R]:
    """The visible rows about one thing."""
    mounted: Any = table
    conditions = (mounted.subject_type == subject.type, mounted.subject_key == subject.key)
    return rows_of(table, subject.actor).where(*conditions)


async def row_for_update(session: AsyncSession, table: type[R], subject: Subject, row_id: Any, *, what: str) -> R:
    """One row about a thing, locked, or ``resource.not_found``."""
    mounted: Any = table
    conditions = (mounted.id == row_id, mounted.subject_type == subject.type, mounted.subject_key == subject.key)
    row: R = await one_visible_for_update(session, mounted, subject.actor, *conditions, what=f"{what} {row_id}")
    return row


async def tell_change(session: AsyncSession, row: Any) -> None:
    """Records in the change feed that a row of a kit is new or has changed."""
    key = {"subject_type": row.subject_type, "subject_key": row.subject_key, "id": str(row.id)}
    await record_changes(session, row.__tablename__, Operation.UPSERTED, [(row.org_path, key)])
