"""Pure decisions about targets: what may be one, and where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from shared.policy.schemes import refused_words
from shared.scoring.trajectory import Forecast, Outlook, YearValue, forecast, outlook, straight_path
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel


class Goal(Protocol):
    """A target, as stored."""

    base_year: Any
    goal_year: Any
    goal_value: Any
    annual_gain: Any
    is_observed_only: Any


@dataclass(frozen=True, slots=True)
class Course:
    """Where a target stands.

    Args:
        path: straight way from the base year's figure to the goal; empty until the base year was observed.
        expected: what the trend says of the years to come.
        outlook: what is to be expected of the goal.
        ahead_by: the last observation less the path's value of its year.
        needed_per_year: gain a year that still reaches the goal.
    """

    path: list[YearValue]
    expected: list[Forecast]
    outlook: Outlook
    ahead_by: float | None
    needed_per_year: float | None


def require_lawful(name_zh: str, name_en: str, *, is_observed_only: bool) -> None:
    """Refuses a target that hands a rate of admission down: what no scheme may score, no plan may set as a goal.

    The city may observe itself; 《深化新时代教育评价改革总体方案》 (2020) forbids targets, assessment and reward by such
    rates.

    Raises:
        DomainError: ``target.admission_rate``.
    """
    if not is_observed_only and (refused_words(name_zh, "zh") or refused_words(name_en, "en")):
        raise DomainError("target.admission_rate")


def require_observable_at(goal: Goal, level: OrgLevel) -> None:
    """An observed-only figure exists for the city and for nobody below it.

    Raises:
        DomainError: ``target.city_only``.
    """
    if goal.is_observed_only and level is not OrgLevel.CITY:
        raise DomainError("target.city_only")


def course_of(goal: Goal, observed: Sequence[YearValue]) -> Course:
    """Path, trend and outlook of a target.

    Args:
        goal: the target.
        observed: one figure per year, ascending.
    """
    base = next((entry for entry in observed if entry.year == goal.base_year), None)
    wanted = _goal_of(goal, base)
    last = observed[-1] if observed else None
    ahead = YearValue(0, 0) if last is None else last
    years = list(range(ahead.year + 1, goal.goal_year + 1)) if last else []
    path = straight_path(base, wanted) if base and wanted else []
    on_path = {entry.year: entry.value for entry in path}
    return Course(
        path=path,
        expected=forecast(observed, years) if years else [],
        outlook=outlook(observed, wanted) if wanted else Outlook.UNKNOWN,
        ahead_by=last.value - on_path[last.year] if last and last.year in on_path else None,
        needed_per_year=(wanted.value - last.value) / len(years) if wanted and last and years else None,
    )


def _goal_of(goal: Goal, base: YearValue | None) -> YearValue | None:
    if goal.goal_value is not None:
        return YearValue(goal.goal_year, float(goal.goal_value))
    if base is None:
        return None
    return YearValue(goal.goal_year, base.value + float(goal.annual_gain) * (goal.goal_year - goal.base_year))
