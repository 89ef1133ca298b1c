"""What a kit is mounted on: one thing of the service, as the one who acts may reach it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.changes.feed import Operation, record_changes
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.terms.actor import Actor

R = TypeVar("R")


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


async def one_row(session: AsyncSession, table: type[R], subject: Subject, row_id: Any, *, what: str) -> R:
    """One row about a thing, or ``resource.not_found``."""
    row: R = await one_visible(session, *_one(table, subject, row_id), what=f"{what} {row_id}")
    return row


async def row_for_update(session: AsyncSession, table: type[R], subject: Subject, row_id: Any, *, what: str) -> R:
    """One row about a thing, locked, or ``resource.not_found``."""
    row: R = await one_visible_for_update(session, *_one(table, subject, row_id), what=f"{what} {row_id}")
    return row


def _one(table: Any, subject: Subject, row_id: Any) -> tuple[Any, ...]:
    about = (table.subject_type == subject.type, table.subject_key == subject.key)
    return table, subject.actor, table.id == row_id, *about


def is_private(table: Any) -> bool:
    """Whether rows of a mounted table are told to nobody but those who open their thing.

    A service says so by ``__private__ = True``: no entry in the change feed, and no word of the same file elsewhere.
    """
    return bool(getattr(table, "__private__", False))


async def tell_change(session: AsyncSession, row: Any) -> None:
    """Records in the change feed that a row of a kit is new or has changed, unless its table is private."""
    if is_private(type(row)):
        return
    key = {"subject_type": row.subject_type, "subject_key": row.subject_key, "id": str(row.id)}
    await record_changes(session, row.__tablename__, Operation.UPSERTED, [(row.org_path, key)])
