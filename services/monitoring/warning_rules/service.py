"""Rules with their parameters in force and their record; a bureau's own parameters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.warning_rules import repository
from services.monitoring.warning_rules.tables import RuleParameters
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.policy.warnings import WarningRule, effective_parameters, require_parameters_allowed, warning_rules
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


def rule_by_code(code: str) -> WarningRule:
    """A rule, or ``resource.not_found``."""
    rule = warning_rules().get(code)
    if rule is None:
        raise DomainError("resource.not_found", params={"what": f"warning rule {code}"})
    return rule


async def parameters_in_force(
    session: AsyncSession, actor: Actor, *, area: str, day: dt.date
) -> dict[str, dict[str, Any]]:
    """Parameters of every rule for exams of an area held on a day: thresholds cannot be moved once an exam was held."""
    given = await repository.parameters_on(session, actor, area=area, day=day)
    return {
        code: effective_parameters(rule, given[code].parameters if code in given else {})
        for code, rule in warning_rules().items()
    }


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """A rule as one reader sees it: parameters in force today where the reader is, and warnings by school year."""

    rule: WarningRule
    parameters: Mapping[str, Any]
    years: list[Mapping[str, Any]]


async def list_rules(session: AsyncSession, *, actor: Actor) -> list[RuleRecord]:
    """Every rule with its record, in the order of the policy."""
    parameters = await parameters_in_force(session, actor, area=actor.org, day=clock.today())
    years = await repository.results_by_year(session, actor)
    return [
        RuleRecord(rule, parameters[code], [row for row in years if row["rule_code"] == code])
        for code, rule in warning_rules().items()
    ]


async def set_parameters(
    session: AsyncSession,
    *,
    code: str,
    actor: Actor,
    parameters: Mapping[str, Any],
    in_force_from: dt.date,
    reason: str,
) -> RuleParameters:
    """Sets a rule's parameters for the actor's area from a day on; the same again changes nothing.

    Raises:
        DomainError: ``warning_rule.parameters_refused``; ``warning_rule.backdated`` for a day before today, for an exam
            already held keeps the rules it was held under.
    """
    rule = rule_by_code(code)
    require_parameters_allowed(rule, parameters)
    rows = await repository.own_parameters_for_update(session, actor, code)
    row = next((row for row in rows if row.in_force_from == in_force_from), None)
    if row is not None and row.parameters == dict(parameters) and row.reason == reason:
        return row
    if in_force_from < clock.today():
        raise DomainError("warning_rule.backdated", params={"today": clock.today().isoformat()})
    before = effective_parameters(rule, row.parameters if row else {})
    if row is None:
        row = RuleParameters(rule_code=code, org_path=actor.org, in_force_from=in_force_from, version=0)
    row.parameters, row.reason, row.set_by = dict(parameters), reason, actor.subject
    row.version += 1
    session.add(row)
    await session.flush()
    detail = {"in_force_from": in_force_from.isoformat(), "parameters": dict(parameters), "before": before}
    note(session, actor, "warning_rule.parameters_set", code, detail)
    await record_changes(session, "warning_rules", Operation.UPSERTED, [(actor.org, {"rule": code})])
    return row
