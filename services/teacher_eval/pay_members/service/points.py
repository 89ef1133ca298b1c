"""Points of the annual evaluation, taken into a pool."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.pay_members import repository
from services.teacher_eval.pay_members.rules import text
from services.teacher_eval.pay_members.schemas import PointsTakenOut
from services.teacher_eval.pay_members.service.members import require_open, store
from services.teacher_eval.pay_pools.tables import PayPool
from services.teacher_eval.results.points import points_of
from shared.kernel.audit.log import note
from shared.scoring.rounding import half_away_from_zero
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

#: Points are taken as they are printed.
PLACES = 2


async def take_points(session: AsyncSession, *, pool: PayPool, key: str, cycle: str, actor: Actor) -> PointsTakenOut:
    """Writes the points of a cycle under a name; people without a result keep what they have.

    Raises:
        DomainError: ``pay_member.evaluation_unknown``, ``pay_pool.in_payment``.
    """
    require_open(pool)
    found = await points_of(session, actor, cycle=cycle, school_path=pool.org_path)
    if found is None:
        raise DomainError("pay_member.evaluation_unknown", params={"cycle": cycle})
    members = await repository.all_members(session, actor, pool)
    rows = []
    for row in members:
        if row.staff_key in found:
            points = half_away_from_zero(Decimal(repr(found[row.staff_key])), PLACES)
            row.points = row.points | {key: text(points)}
            row.origins = row.origins | {f"points.{key}": f"evaluation:{cycle}"}
            rows.append(row)
    await store(session, rows)
    note(session, actor, "pay_members.points_taken", pool.code, {"cycle": cycle, "taken": len(rows)})
    return PointsTakenOut(key=key, taken=len(rows), without=len(members) - len(rows))
