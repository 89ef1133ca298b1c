"""Keeping partnerships and their activities."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.partnerships import repository
from services.school_eval.partnerships.rules import require_within
from services.school_eval.partnerships.schemas import ActivityIn, PartnershipIn
from services.school_eval.partnerships.tables import Partnership, PartnershipActivity
from shared.kernel import clock
from shared.kernel.records import keep
from shared.kernel.web.organizations import code_of
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


async def put_partnership(
    session: AsyncSession, *, org_path: str, code: str, body: PartnershipIn, row: Partnership | None, actor: Actor
) -> tuple[Partnership, bool]:
    """Writes a partnership; returns it and whether it is new.

    Raises:
        DomainError: ``partnership.elsewhere`` for an organization that is not the actor's or below.
    """
    if not actor.covers(org_path):
        raise DomainError("partnership.elsewhere")
    is_new = row is None
    row = row or Partnership(org_path=org_path, code=code)
    for name, value in body.model_dump().items():
        setattr(row, name, value)
    key = {"organization": code_of(org_path), "partnership": code}
    await keep(session, row, resource="partnerships", action="partnership.set", key=key, actor=actor)
    return row, is_new


async def put_activity(
    session: AsyncSession, *, partnership: Partnership, code: str, body: ActivityIn, actor: Actor
) -> tuple[PartnershipActivity, bool]:
    """Writes an activity; the same again changes nothing.

    Raises:
        DomainError: ``partnership.activity_outside``.
    """
    require_within(partnership, body.held_on, clock.today())
    row = await repository.activity_for_update(session, actor, partnership, code)
    is_new = row is None
    if row is None:
        row = PartnershipActivity(partnership_id=partnership.id, org_path=partnership.org_path, code=code)
    elif all(getattr(row, name) == value for name, value in body.model_dump().items()):
        return row, False
    for name, value in body.model_dump().items():
        setattr(row, name, value)
    key = {"organization": code_of(row.org_path), "partnership": partnership.code, "activity": code}
    await keep(session, row, resource="partnership_activities", action="activity.set", key=key, actor=actor)
    return row, is_new
