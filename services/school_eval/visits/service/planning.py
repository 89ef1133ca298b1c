"""Making a visit, announcing it, calling it off."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.checklists.service import published
from services.school_eval.inspectors.repository import inspectors_by_account
from services.school_eval.visit_plans.repository import (
    own_plan_for_update,
    plan_or_none,
    planned_school,
    registered_school,
)
from services.school_eval.visit_plans.rules import (
    Role,
    first_day_of,
    last_day_of,
    school_year_of,
    semester_of,
)
from services.school_eval.visit_plans.tables import VisitPlan
from services.school_eval.visits import repository
from services.school_eval.visits.rules import (
    BEFORE,
    LIFE,
    VisitKind,
    VisitState,
    require_sendable,
)
from services.school_eval.visits.schemas import VisitIn
from services.school_eval.visits.tables import Visit, VisitRater
from shared.kernel import clock
from shared.kernel.records import keep
from shared.policy.inspections import days_on
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import school_path


async def put_visit(
    session: AsyncSession, *, visit_id: uuid.UUID, body: VisitIn, row: Visit | None, actor: Actor
) -> tuple[Visit, bool]:
    """Writes a visit that has not begun; returns it and whether it is new.

    Raises:
        DomainError: ``visit.begun``, ``visit.school_not_planned``, ``visit.planned_already``, ``visit.outside_period``,
            ``visit.too_many``; ``visit.raters_refused`` and ``visit.raters_missing``.
    """
    is_new = row is None
    if row is None:
        row = await _new_visit(session, visit_id, body, actor)
    elif row.state not in BEFORE or row.office_path != actor.org:
        raise DomainError("visit.begun", params={"state": row.state})
    elif (row.school_code, row.kind) != (body.school_code, _kind(body)):
        raise DomainError("visit.school_fixed", params={"school": row.school_code})
    row.planned_on = body.planned_on
    row.school_year, row.semester = school_year_of(body.planned_on), semester_of(body.planned_on)
    await require_in_period(session, row, actor)
    await _require_within_limit(session, row, body, actor)
    await _send(session, row, body.raters, actor, is_new=is_new)
    await kept(session, row, "planned", actor, {"raters": len(body.raters)})
    return row, is_new


async def is_same(session: AsyncSession, row: Visit, body: VisitIn, actor: Actor) -> bool:
    """Whether a visit already is what a client asks for: its first answer was lost on the way."""
    raters = [rater.account for rater in await repository.raters_of(session, actor, row)]
    asked = (_kind(body), body.school_code, body.planned_on, body.raters[0], sorted(body.raters))
    known = (row.kind, row.school_code, row.planned_on, raters[0] if raters else None, sorted(raters))
    return row.office_path == actor.org and row.state != VisitState.CANCELLED and asked == known


def _kind(body: VisitIn) -> VisitKind:
    return VisitKind.REVISIT if body.plan is None else VisitKind.PLANNED


async def _new_visit(session: AsyncSession, visit_id: uuid.UUID, body: VisitIn, actor: Actor) -> Visit:
    path = school_path(body.county_code, body.school_code)
    if not actor.covers(path):
        raise DomainError("visit.elsewhere")
    row = Visit(id=visit_id, kind=_kind(body), state=VisitState.PLANNED, org_path=actor.org, office_path=actor.org)
    row.school_code, row.county_code, row.version = body.school_code, body.county_code, 0
    if body.plan is not None:
        await _of_plan(session, row, body.plan, actor)
    else:
        school = await registered_school(session, actor, body.school_code)
        row.school_name_zh, row.is_rural, row.is_city_run = school.name_zh, school.is_rural, school.is_city_run
        row.is_double_rated = False
        versions = await published(session, body.checklists, actor=actor)
        row.checklists = [{"code": v.code, "number": v.number, "sha256": v.sha256} for v in versions]
    return row


async def _of_plan(session: AsyncSession, row: Visit, code: str, actor: Actor) -> None:
    plan = await own_plan_for_update(session, actor, code)
    if plan is None:
        raise DomainError("resource.not_found", params={"what": f"visit plan {code}"})
    school = await planned_school(session, actor, plan, row.school_code)
    if school.role != Role.DRAWN or school.county_code != row.county_code:
        raise DomainError("visit.school_not_planned", params={"school": row.school_code})
    if await repository.open_visit_of(session, actor, plan, row.school_code) is not None:
        raise DomainError("visit.planned_already", params={"school": row.school_code})
    row.plan_id, row.checklists, row.is_double_rated = plan.id, plan.checklists, school.is_double_rated
    row.school_name_zh, row.is_rural, row.is_city_run = school.school_name_zh, school.is_rural, school.is_city_run


async def plan_of(session: AsyncSession, row: Visit, actor: Actor) -> VisitPlan | None:
    """The plan of a visit, for the office that made it."""
    return None if row.plan_id is None else await plan_or_none(session, actor, row.plan_id)


async def require_in_period(session: AsyncSession, row: Visit, actor: Actor) -> None:
    """A visit is made in the semester or school year of its plan.

    Raises:
        DomainError: ``visit.outside_period``.
    """
    plan = await plan_of(session, row, actor)
    if plan is None:
        return
    first, last = (day(plan.school_year, plan.semester) for day in (first_day_of, last_day_of))
    if not first <= row.planned_on <= last:
        raise DomainError("visit.outside_period", params={"first": str(first), "last": str(last)})


async def _require_within_limit(session: AsyncSession, row: Visit, body: VisitIn, actor: Actor) -> None:
    if row.kind == VisitKind.REVISIT:
        return
    most = days_on("most_visits_per_semester", row.planned_on)
    known = await repository.count_in_semester(
        session, actor, row.school_code, school_year=row.school_year, semester=row.semester, besides=row.id
    )
    if known >= most and body.exceeds_limit_reason is None:
        raise DomainError("visit.too_many", params={"school": row.school_code, "most": most})
    row.reason = body.exceeds_limit_reason if known >= most else None


async def _send(session: AsyncSession, row: Visit, accounts: Sequence[str], actor: Actor, *, is_new: bool) -> None:
    inspectors = await inspectors_by_account(session, actor, accounts)
    require_sendable(accounts, inspectors, row.school_code, needed=2 if row.is_double_rated else 1)
    session.add(row)
    await session.flush()
    known = {} if is_new else {rater.account: rater for rater in await repository.raters_of(session, actor, row)}
    for rater in known.values():
        if rater.account not in accounts:
            await session.delete(rater)
    for account in accounts:
        rater = known.get(account) or VisitRater(visit_id=row.id, account=account, org_path=row.office_path)
        if rater.recused_at is not None:
            raise DomainError("visit.rater_recused", params={"account": account})
        rater.is_lead = account == accounts[0]
        session.add(rater)
    await session.flush()


async def announce(session: AsyncSession, *, row: Visit, actor: Actor) -> Visit:
    """Tells the school: from now on it can read the visit.

    Raises:
        DomainError: ``workflow.not_allowed``; ``visit.unannounced`` where the plan's visits are not told beforehand.
    """
    target = LIFE.target("announce", VisitState(row.state))
    plan = await plan_of(session, row, actor)
    if plan is not None and not plan.design["is_announced"]:
        raise DomainError("visit.unannounced")
    row.state, row.announced_at = target, clock.now()
    reveal(row)
    await kept(session, row, "announced", actor)
    return row


def reveal(row: Visit) -> None:
    """Gives a visit to its school: by its path it was the office's alone."""
    row.org_path = school_path(row.county_code, row.school_code)


async def cancel(session: AsyncSession, *, row: Visit, reason: str, actor: Actor) -> Visit:
    """Calls a visit off; the school stays in its plan and needs another one.

    Raises:
        DomainError: ``workflow.not_allowed``.
    """
    row.state, row.reason = LIFE.target("cancel", VisitState(row.state)), reason
    await kept(session, row, "cancelled", actor)
    return row


async def kept(
    session: AsyncSession, row: Visit, what: str, actor: Actor, detail: dict[str, Any] | None = None
) -> None:
    """Writes a visit and what was done to it."""
    key = {"visit": str(row.id)}
    await keep(session, row, resource="visits", action=f"visit.{what}", key=key, actor=actor, detail=detail)
