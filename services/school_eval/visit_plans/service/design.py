"""Designing a plan and replacing schools that cannot be visited."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.visit_plans import repository
from services.school_eval.visit_plans.rules import PlanState, Role, Stratum
from services.school_eval.visit_plans.schemas import VisitPlanIn
from services.school_eval.visit_plans.tables import PlannedSchool, VisitPlan
from services.school_eval.visits.repository import open_visit_of
from services.school_eval.visits.rules import BEFORE
from shared.kernel import clock
from shared.kernel.records import keep
from shared.kernel.web.organizations import code_of
from shared.policy.inspections import number_on, quotas_on
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

_FRAME = ("frame_sha256", "frame_hash", "school_count", "frame_closed_at", "frame_closed_by")


def require_undrawn(plan: VisitPlan) -> None:
    """Raises ``visit_plan.already_drawn``: who could draw again could draw until the result pleases."""
    if plan.state == PlanState.DRAWN:
        raise DomainError("visit_plan.already_drawn")


async def put_plan(
    session: AsyncSession, *, code: str, body: VisitPlanIn, row: VisitPlan | None, actor: Actor
) -> tuple[VisitPlan, bool]:
    """Writes a plan of the actor's office; a frame closed under another design is open again.

    Raises:
        DomainError: ``visit_plan.already_drawn``.
    """
    is_new = row is None
    row = row or VisitPlan(org_path=actor.org, code=code, checklists=[])
    require_undrawn(row)
    row.school_year, row.semester, row.state = body.school_year, body.semester, PlanState.DESIGNED
    row.design = _with_policy(body, actor)
    for name in _FRAME:
        setattr(row, name, None)
    await kept(session, row, "designed", actor)
    return row, is_new


def _with_policy(body: VisitPlanIn, actor: Actor) -> dict[str, Any]:
    """The design with the policy's rates where the office has said none of its own."""
    today = clock.today()
    design = body.model_dump(mode="json", exclude={"school_year", "semester"})
    if body.rural_rate is None:
        rates = [quota.least_rural_rate for quota in quotas_on(actor.level, today)]
        design["rural_rate"] = str(max((rate for rate in rates if rate is not None), default=0))
    if body.double_rated_rate is None:
        design["double_rated_rate"] = str(number_on("double_rated_rate", today).value)
    return design


async def replace_school(
    session: AsyncSession, *, plan: VisitPlan, school_code: str, reason: str, actor: Actor
) -> PlannedSchool:
    """Puts the next school in reserve in the place of one that cannot be visited; the reserve's order is the draw's.

    Raises:
        DomainError: ``visit_plan.not_active`` for a school that is not to be visited; ``visit_plan.visit_made`` once it was
            visited, ``visit_plan.visit_planned`` until a planned one is cancelled; ``visit_plan.no_reserve``.
    """
    row = await repository.planned_school(session, actor, plan, school_code)
    if row.role != Role.DRAWN:
        raise DomainError("visit_plan.not_active", params={"school": school_code})
    if (visit := await open_visit_of(session, actor, plan, school_code)) is not None:
        what = "visit_plan.visit_planned" if visit.state in BEFORE else "visit_plan.visit_made"
        raise DomainError(what, params={"school": school_code})
    # A school of the same kind; where none is left the plan would rather visit another than none.
    kind = Stratum.RURAL if row.is_rural else Stratum.OTHER
    strata = [kind, *({Stratum.RURAL, Stratum.OTHER} - {kind})]
    taker = await repository.first_reserve(session, actor, plan, strata)
    if taker is None:
        raise DomainError("visit_plan.no_reserve")
    taker.role, taker.is_double_rated = Role.DRAWN, row.is_double_rated
    row.role, row.replaced_by, row.replaced_reason, row.replaced_at = (
        Role.REPLACED, taker.school_code, reason, clock.now(),
    )  # fmt: skip
    for each in (row, taker):
        each.version += 1
    await session.flush()
    await kept(session, plan, "school_replaced", actor, {"school": school_code, "by": taker.school_code})
    return taker


async def kept(
    session: AsyncSession, row: VisitPlan, what: str, actor: Actor, detail: dict[str, Any] | None = None
) -> None:
    """Writes a plan and what was done to it."""
    key = {"organization": code_of(row.org_path), "plan": row.code}
    await keep(session, row, resource="visit_plans", action=f"visit_plan.{what}", key=key, actor=actor, detail=detail)
