"""Keeping targets and what is observed of them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.cultivation.repository import recognized_by_year
from services.school_eval.targets import repository
from services.school_eval.targets.rules import require_lawful, require_observable_at
from services.school_eval.targets.schemas import ObservationIn, TargetIn
from services.school_eval.targets.tables import Target, TargetObservation
from shared.kernel import clock
from shared.kernel.records import keep
from shared.kernel.web.organizations import code_of
from shared.scoring.trajectory import YearValue
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import path_level


async def put_target(
    session: AsyncSession, *, plan: str, code: str, body: TargetIn, row: Target | None, actor: Actor
) -> tuple[Target, bool]:
    """Writes a target of the actor's office; returns it and whether it is new.

    Raises:
        DomainError: ``target.admission_rate``.
    """
    require_lawful(body.name.zh, body.name.en, is_observed_only=body.is_observed_only)
    is_new = row is None
    if row is None:
        row = Target(plan_code=plan, code=code, org_path=actor.org)
    for name in ("base_year", "goal_year", "goal_value", "annual_gain", "counts", "is_observed_only"):
        setattr(row, name, getattr(body, name))
    row.content = body.model_dump(mode="json", include={"name", "unit", "document", "verified"})
    key = {"plan": plan, "target": code}
    await keep(session, row, resource="targets", action="target.set", key=key, actor=actor)
    return row, is_new


async def observed_in(session: AsyncSession, *, target: Target, org_path: str, actor: Actor) -> list[YearValue]:
    """One figure per year: counted from the register where the target says so, else as recorded."""
    if target.counts is not None:
        last = min(target.goal_year, clock.now().astimezone(clock.CHINA).year)
        years = range(target.base_year, last + 1)
        found = await recognized_by_year(session, actor, target.counts, org_path, years)
        return [YearValue(year, count) for year, count in found.items()]
    rows = await repository.observations_of(session, actor, target, org_path)
    return [YearValue(row.year, float(row.value)) for row in rows]


async def record_observation(
    session: AsyncSession, *, target: Target, org_path: str, year: int, body: ObservationIn, actor: Actor
) -> TargetObservation:
    """Records the figure of a year; the one it corrects stays in the history.

    Raises:
        DomainError: ``target.counted`` where figures are counted; ``target.city_only``; ``target.reason_missing`` for a
            correction without a reason; ``target.elsewhere``.
    """
    if target.counts is not None:
        raise DomainError("target.counted", params={"program": target.counts})
    if not actor.covers(org_path):
        raise DomainError("target.elsewhere")
    require_observable_at(target, path_level(org_path))
    known = await repository.observation_for_update(session, actor, target, org_path, year)
    if known is not None:
        if known.value == body.value and known.source == body.source:
            return known
        if body.reason is None:
            raise DomainError("target.reason_missing", params={"year": year, "value": known.value})
        known.superseded_at = clock.now()
        await session.flush()
    row = TargetObservation(target_id=target.id, org_path=org_path, year=year)
    row.value, row.source, row.reason = body.value, body.source, body.reason
    key = {"plan": target.plan_code, "target": target.code, "organization": code_of(org_path), "year": str(year)}
    action = "target.observed" if known is None else "target.corrected"
    await keep(session, row, resource="target_observations", action=action, key=key, actor=actor)
    return row


async def history_of(
    session: AsyncSession, *, target: Target, org_path: str, actor: Actor
) -> Sequence[TargetObservation]:
    """Every figure ever recorded for an organization."""
    return await repository.observations_of(session, actor, target, org_path, with_history=True)
