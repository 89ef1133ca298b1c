"""Staff in the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from sqlalchemy import Select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.roster.intake.lookup import WHOLE_SERVICE, lookup
from services.roster.staff.tables import StaffMember
from services.roster.tables import METADATA
from shared.kernel.database.repository import one_visible, visible
from shared.terms.actor import Actor

_TAKE_OVER = text(
    "update staff set org_path = sent.path "
    "from unnest(cast(:keys as text[]), cast(:paths as text[])) as sent(key, path) where staff.staff_key = sent.key"
)


async def active_among(session: AsyncSession, keys: Collection[str]) -> set[str]:
    """Those still active somewhere; call it inside ``whole_service``."""
    rows = await lookup(
        session,
        METADATA.tables["staff"],
        org=WHOLE_SERVICE,
        by=("staff_key",),
        keys={(key,) for key in keys},
        columns=("staff_key", "status"),
    )
    return {key for key, status in rows if status == "active"}


async def take_over(session: AsyncSession, paths: Mapping[str, str]) -> None:
    """Brings staff within reach of an organization that may have them; call it inside ``whole_service``."""
    keys = sorted(paths)
    await session.execute(_TAKE_OVER, {"keys": keys, "paths": [paths[key] for key in keys]})


async def one_staff_member(session: AsyncSession, actor: Actor, staff_key: str) -> StaffMember:
    """A member of the actor's staff; raises ``resource.not_found``."""
    return await one_visible(session, StaffMember, actor, StaffMember.staff_key == staff_key, what=f"staff {staff_key}")


def staff_of(
    actor: Actor,
    *,
    school_code: str | None = None,
    status: str | None = None,
    updated_since: dt.datetime | None = None,
) -> Select[StaffMember]:
    """The actor's staff, filtered."""
    conditions = [
        StaffMember.school_code == school_code if school_code else None,
        StaffMember.status == status if status else None,
        StaffMember.updated_at >= updated_since if updated_since else None,
    ]
    return visible(StaffMember, actor).where(*(condition for condition in conditions if condition is not None))
