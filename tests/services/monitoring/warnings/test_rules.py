"""Pure decisions about warnings: their life, whose turn it is, what covers what, when a sheet is late."""

import dataclasses
import datetime as dt
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.monitoring.warnings.evaluation import (
    Finding,
    figure_findings,
    missing_sheets,
    reckon,
)
from services.monitoring.warnings.rules import (
    AUTOMATIC,
    LIFE,
    OPEN,
    STEPS,
    WarningState,
    due_on,
    owner_above,
    possible_steps,
    unverified_years,
)
from shared.policy.warnings import Severity, effective_parameters, warning_rules
from shared.terms.actor import Actor
from shared.terms.organization import OrgLevel, county_path, school_path
from tests.scoring.spec.early_warnings.years import year
from tests.support.settings import actor

SCHOOL, COUNTY, CITY = school_path("990001", "2199000001"), county_path("990001"), "99/9900/"
PEOPLE = {
    "school": actor("school_admin", SCHOOL),
    "county": actor("county_admin", COUNTY),
    "city": actor("city_admin", CITY),
    "colleague": actor("city_analyst", CITY),
    "elsewhere": actor("county_admin", county_path("990002")),
}


def warning(state: str, owner: str = "school", responded: str | None = None) -> Any:
    by: Actor | None = PEOPLE[responded] if responded else None
    return SimpleNamespace(
        org_path=SCHOOL,
        state=state,
        owner_level=owner,
        responded_level=by.level if by else None,
        responded_by=by.subject if by else None,
    )


@pytest.mark.parametrize(
    ("state", "owner", "responded", "turns"),
    [
        ("raised", "school", None, {"school": ["acknowledge"]}),
        ("raised", "county", None, {"county": ["acknowledge"]}),
        ("acknowledged", "school", None, {"school": ["respond"]}),
        ("acknowledged", "county", None, {"school": ["respond"], "county": ["respond"]}),
        ("escalated", "county", None, {"school": ["respond"], "county": ["acknowledge", "respond"]}),
        ("returned", "school", "school", {"school": ["respond"]}),
        (
            "responded",
            "school",
            "school",
            {key: ["accept", "return"] for key in ("county", "city", "colleague")},
        ),
        ("responded", "county", "county", {key: ["accept", "return"] for key in ("city", "colleague")}),
        ("responded", "city", "city", {"colleague": ["accept", "return"]}),
        ("accepted", "school", "school", {key: ["close"] for key in ("county", "city", "colleague")}),
        ("closed", "school", "school", {}),
        ("withdrawn", "school", None, {}),
    ],
)
def test_whose_turn_it_is(state: str, owner: str, responded: str | None, turns: dict[str, list[str]]) -> None:
    found = {name: possible_steps(warning(state, owner, responded), who) for name, who in PEOPLE.items()}
    assert {name: steps for name, steps in found.items() if steps} == turns


def test_every_open_warning_can_be_closed_and_withdrawn() -> None:
    reached = {WarningState.RAISED}
    for _ in WarningState:
        reached |= {entry.target for entry in LIFE.transitions if entry.sources & reached}
    assert reached == set(WarningState)
    assert {entry.action for entry in LIFE.transitions} == set(STEPS) | AUTOMATIC
    assert all("withdraw" in LIFE.actions(state) for state in OPEN)
    assert LIFE.actions(WarningState.CLOSED) == ()
    assert [owner_above(level) for level in (OrgLevel.SCHOOL, OrgLevel.COUNTY, OrgLevel.CITY)] == [
        "county",
        "city",
        None,
    ]


def test_a_sheet_is_late_from_the_day_after_it_was_due() -> None:
    rule = warning_rules()["missing_sheet"]
    held, day = dt.date(2026, 11, 10), dt.timedelta(days=1)
    due = held + 10 * day
    received = {"early": held + day, "due": due, "late": due + day, "missing": None}

    def found(today: dt.date) -> list[str]:
        parameters = effective_parameters(rule, {})
        late = missing_sheets(held_on=held, received_on=received, today=today, parameters=parameters)
        return [finding.school_code for finding in late]

    assert found(due) == ["late"]
    assert found(due + day) == ["late", "missing"]


TWO, THREE = "value_added_decline_two_years", "value_added_decline_three_years"


def declines(*effects: float) -> dict[str, str]:
    """Rules that a school with these effects breaks, oldest first, and how severely."""
    years = [year(2026 - len(effects) + 1 + place, {"a": effect}) for place, effect in enumerate(effects)]
    rules = [warning_rules()[code] for code in (THREE, TWO)]
    parameters = {rule.code: effective_parameters(rule, {}) for rule in rules}
    found = figure_findings(rules, years[-1], years[-2::-1], parameters)
    return {finding.rule.code: finding.severity for finding in found}


def test_three_years_cover_two_unless_only_more_weakly() -> None:
    assert declines(9, 6, 3, 0) == {THREE: Severity.CRITICAL}
    assert declines(6, 3, 0) == {TWO: Severity.SEVERE}
    assert declines(2, 1, 0, -1, -2, -3) == {THREE: Severity.MODERATE}
    # Strong over two years, weak over three: both are told.
    assert declines(7, 6, 3, 0) == {THREE: Severity.MODERATE, TWO: Severity.SEVERE}


def finding(school: str, value: float = 0.5) -> Finding:
    rule = warning_rules()["low_score_rate"]
    evidence = {"figure": {"value": value}, "criterion": {}}
    return Finding(rule=rule, school_code=school, subject="maths", detail="", severity=rule.severity, evidence=evidence)


def standing(of: Finding, state: WarningState) -> Any:
    plain = {"rule_code": of.rule.code, "school_code": of.school_code, "subject": of.subject, "detail": of.detail}
    return SimpleNamespace(**plain, state=state, severity=of.severity, evidence={**of.evidence, "exam": "x"})


@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from([0.4, 0.5])),
    st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(list(WarningState))),
)
def test_reckoning_leaves_what_was_closed_and_does_each_thing_once(
    found: dict[str, float], before: dict[str, WarningState]
) -> None:
    findings = [finding(school, value) for school, value in found.items()]
    done = reckon(findings, [standing(finding(school), state) for school, state in before.items()])
    touched = [
        *(each.school_code for each in done.raised),
        *(each.school_code for each, _ in (*done.raised_again, *done.changed)),
        *(each.school_code for each in done.withdrawn),
        *(each.school_code for each in done.kept),
    ]
    assert len(touched) == len(set(touched))
    closed = {school for school, state in before.items() if state is WarningState.CLOSED}
    assert not closed & set(touched)
    assert {each.school_code for each in done.raised} == set(found) - set(before)
    assert {each.school_code for each in done.withdrawn} == {
        school for school, state in before.items() if state in OPEN and school not in found
    }
    assert all(each.evidence["figure"] != new.evidence["figure"] for each, new in done.changed)


def test_a_finding_without_a_weaker_severity_keeps_its_own() -> None:
    rule = dataclasses.replace(warning_rules()[TWO], weaker_severity=None, covered_by=None)
    years = [year(2024, {"a": 3.0}), year(2025, {"a": 2.0}), year(2026, {"a": 0.0})]
    (found,) = figure_findings([rule], years[-1], years[-2::-1], {TWO: effective_parameters(rule, {})})
    assert (found.severity, found.evidence["is_weaker"]) == (Severity.SEVERE, True)
    assert isinstance(found.evidence["series"], list)
    assert not any(isinstance(value, pl.Series) for value in found.evidence.values())


def test_time_to_answer_is_counted_in_working_days() -> None:
    assert due_on(dt.date(2026, 9, 30), working_days=4) == dt.date(2026, 10, 12)
    assert due_on(dt.date(2026, 11, 25), working_days=4) == dt.date(2026, 12, 1)
    assert unverified_years(dt.date(2026, 11, 25), dt.date(2026, 12, 1)) == ()
    assert unverified_years(dt.date(2026, 12, 25), dt.date(2027, 1, 8)) == (2027,)
