"""Boards of who holds a rung, and targets."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.ladders.repository import ladder_by_code
from services.teacher_eval.ladders.schemas import ladder_of
from services.teacher_eval.title_coverage import repository
from services.teacher_eval.title_coverage.schemas import CoverageOut, GoalOut, GoalsOut, GroupOut, TargetIn
from services.teacher_eval.title_coverage.tables import TitleTarget
from services.teacher_eval.training_hours.service import group_name, share
from shared.kernel.records import keep
from shared.kernel.web.fields import TwoNames
from shared.kernel.web.organizations import code_of
from shared.policy.teacher_development import PlanGoal, plan_goals
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

SUBJECT = "subject"


async def coverage(session: AsyncSession, *, ladder: str, rung: str, by: str, actor: Actor) -> CoverageOut:
    """Holders by group, with everybody on active staff as the whole."""
    await require_rung(session, ladder, rung, actor)
    if by == SUBJECT:
        found = await repository.held_by_subject(session, actor, ladder=ladder, rung=rung)
    else:
        found = await repository.held_by(session, actor, by, ladder=ladder, rung=rung)
    items = [
        GroupOut(
            group=group_name(each.group),
            held_count=each.held,
            staff_count=each.staff,
            held_rate=share(each.held, each.staff) if each.staff else None,
        )
        for each in sorted(found, key=lambda each: group_name(each.group))
    ]
    return CoverageOut(ladder=ladder, rung=rung, by=by, items=items)


async def goals(session: AsyncSession, *, year: int, actor: Actor) -> GoalsOut:
    """Every number that plans fix, beside what the platform counts of it."""
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    trained = await repository.trained_count(session, actor, first, last)
    staff = await repository.staff_count(session, actor)
    items = []
    for goal in plan_goals():
        value = await _value(session, goal, trained, staff, actor)
        items.append(
            GoalOut(
                code=goal.code,
                name=TwoNames(zh=goal.name["zh"], en=goal.name["en"]),
                kind=goal.kind,
                goal=goal.value,
                value=value,
                by_year=goal.by_year,
                document=goal.document,
                verified=goal.verified,
            )
        )
    return GoalsOut(year=year, items=items)


async def _value(session: AsyncSession, goal: PlanGoal, trained: int, staff: int, actor: Actor) -> float | None:
    if goal.kind == "trained_count":
        return trained
    if goal.kind == "trained_rate":
        return share(min(trained, staff), staff) if staff else None
    held = repository.held_count(session, actor, actor.org, ladder=goal.ladder or "", rung=goal.rung or "")
    return await held


async def put_target(
    session: AsyncSession,
    *,
    org_path: str,
    ladder: str,
    rung: str,
    goal_year: int,
    body: TargetIn,
    row: TitleTarget | None,
    actor: Actor,
) -> tuple[TitleTarget, bool]:
    """Writes a target of the actor's office or one below; returns it and whether it is new.

    Raises:
        DomainError: ``title_target.elsewhere``; ``title_round.rung_unknown``.
    """
    if not actor.covers(org_path):
        raise DomainError("title_target.elsewhere")
    await require_rung(session, ladder, rung, actor)
    is_new = row is None
    row = row or TitleTarget(org_path=org_path, ladder=ladder, rung=rung, goal_year=goal_year)
    for name, value in body.model_dump().items():
        setattr(row, name, value)
    key = {"organization": code_of(org_path), "ladder": ladder, "rung": rung, "goal_year": str(goal_year)}
    await keep(session, row, resource="title_targets", action="title_target.set", key=key, actor=actor)
    return row, is_new


async def require_rung(session: AsyncSession, ladder: str, rung: str, actor: Actor) -> None:
    """Refuses a ladder or rung that there is not: ``resource.not_found``, ``title_round.rung_unknown``."""
    row = await ladder_by_code(session, actor, ladder)
    if ladder_of(row.content).rung(rung) is None:
        raise DomainError("title_round.rung_unknown", params={"ladder": ladder, "rung": rung})
