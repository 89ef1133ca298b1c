"""Parameters of rules, and what became of warnings by rule, in the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.warning_rules.tables import RuleParameters
from services.monitoring.warnings.rules import Outcome, WarningState
from services.monitoring.warnings.tables import EarlyWarning
from shared.kernel.database.repository import visible
from shared.terms.actor import Actor

_DAY = 86_400.0


async def parameters_on(
    session: AsyncSession, actor: Actor, *, area: str, day: dt.date
) -> Mapping[str, RuleParameters]:
    """The parameters in force in an area on a day, by rule: those of the area itself, or else of one around it."""
    statement = visible(RuleParameters, actor).where(
        func.starts_with(area, RuleParameters.org_path), RuleParameters.in_force_from <= day
    )
    # The last of each rule wins: the nearest area, and in it the latest day.
    rows = await session.scalars(statement.order_by(RuleParameters.org_path, RuleParameters.in_force_from))
    return {row.rule_code: row for row in rows}


async def parameters_of(session: AsyncSession, actor: Actor, rule_code: str) -> Sequence[RuleParameters]:
    """Everything that was ever set for a rule where the actor sees it, oldest first."""
    statement = visible(RuleParameters, actor).where(RuleParameters.rule_code == rule_code)
    rows = await session.scalars(statement.order_by(RuleParameters.in_force_from, RuleParameters.org_path))
    return rows.all()


async def own_parameters_for_update(session: AsyncSession, actor: Actor, rule_code: str) -> Sequence[RuleParameters]:
    """What the actor's own organization set for a rule, locked, oldest first."""
    statement = visible(RuleParameters, actor).where(
        RuleParameters.rule_code == rule_code, RuleParameters.org_path == actor.org
    )
    return (await session.scalars(statement.order_by(RuleParameters.in_force_from).with_for_update())).all()


async def results_by_year(session: AsyncSession, actor: Actor) -> Sequence[Mapping[str, Any]]:
    """Per rule and school year: warnings by state and outcome, and the median of days to the first answer."""
    outcome, state = EarlyWarning.outcome, EarlyWarning.state
    days = func.extract("epoch", EarlyWarning.responded_at - EarlyWarning.raised_at) / _DAY
    counts = [func.count().filter(outcome == each).label(each.value) for each in Outcome]
    statement = (
        visible(EarlyWarning, actor)
        .with_only_columns(
            EarlyWarning.rule_code,
            EarlyWarning.school_year,
            func.count().label("raised"),
            func.count().filter(state == WarningState.WITHDRAWN).label("withdrawn"),
            func.count().filter(state == WarningState.CLOSED).label("closed"),
            *counts,
            func.count(EarlyWarning.escalated_at).label("escalated"),
            func.percentile_cont(0.5).within_group(days).label("median_days_to_respond"),
        )
        .group_by(EarlyWarning.rule_code, EarlyWarning.school_year)
        .order_by(EarlyWarning.rule_code, EarlyWarning.school_year)
    )
    return [dict(row) for row in (await session.execute(statement)).mappings()]
