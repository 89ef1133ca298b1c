"""What every write of a kept row leaves: a counted version, a note in the audit log, an entry in the change feed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.terms.actor import Actor


class Kept(Protocol):
    """A row with a version that belongs to an organization."""

    version: Any
    org_path: Any


async def keep(
    session: AsyncSession,
    row: Kept,
    *,
    resource: str,
    action: str,
    key: Mapping[str, str],
    actor: Actor,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Writes a row that is new or was changed.

    Args:
        session: the transaction.
        row: the row; its version counts up.
        resource: name in the change feed.
        action: tag of the audit log, e.g. ``target.set``.
        key: natural key of the row.
        actor: who did it.
        detail: counts and codes worth keeping; nothing personal.
    """
    row.version = (row.version or 0) + 1
    session.add(row)
    await session.flush()
    note(session, actor, action, "/".join(key.values()), detail)
    await record_changes(session, resource, Operation.UPSERTED, [(row.org_path, key)])
