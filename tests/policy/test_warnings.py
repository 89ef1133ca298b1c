"""Rules of early warnings: complete, within the law, and settable only within bounds."""

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.policy.exam_kinds import exam_kinds
from shared.policy.warnings import (
    DAYS_TO_RESPOND,
    Severity,
    WarningRule,
    effective_parameters,
    require_lawful_rule,
    require_parameters_allowed,
    rule_objections,
    warning_rules,
)
from shared.scoring.early_warnings import DETECTORS
from shared.terms.errors import DomainError

RULES = list(warning_rules().values())
ENTRANCE = frozenset({"senior_secondary_entrance", "college_entrance_results"})


def changed(code: str, **changes: object) -> WarningRule:
    return dataclasses.replace(warning_rules()[code], **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_is_complete(rule: WarningRule) -> None:
    assert set(rule.name) == {"zh", "en"}
    assert rule.kinds
    assert rule.kinds <= set(exam_kinds())
    assert rule.parameters[DAYS_TO_RESPOND].default >= 1  # type: ignore[operator]
    assert rule.rule.title["zh"]
    for parameter in rule.parameters.values():
        assert set(parameter.name) == {"zh", "en"}
        assert parameter.allows(parameter.default)
        assert parameter.verified is False  # no document that was seen fixes a number
    if rule.covered_by is not None:
        assert warning_rules()[rule.covered_by].detector == rule.detector


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.code != "missing_sheet"], ids=lambda rule: rule.code)
def test_a_rule_says_what_its_detector_looks_at(rule: WarningRule) -> None:
    detector = DETECTORS[rule.detector]
    assert (rule.table, set(rule.measures)) == (detector.table, detector.measures)
    assert set(rule.parameters) == detector.parameters | {DAYS_TO_RESPOND}


def test_no_detector_is_idle() -> None:
    assert {rule.detector for rule in RULES} == {*DETECTORS, "missing_sheet"}


def test_two_years_call_for_rectification_and_three_for_accountability() -> None:
    two, three = (warning_rules()[f"value_added_decline_{word}_years"] for word in ("two", "three"))
    assert (two.action, two.parameters["years"].default) == ("rectification", 2)
    assert (three.action, three.parameters["years"].default) == ("accountability_review", 3)
    assert (two.rule.id, three.rule.id) == ("T10", "T10")
    assert list(Severity).index(three.severity) > list(Severity).index(two.severity)
    assert not two.parameters["years"].allows(1)


@pytest.mark.parametrize("measure", ["online_rate", "undergraduate_rate", "admission_rate", "promotion_rate"])
def test_a_rule_that_looks_at_entrance_rates_is_refused(measure: str) -> None:
    rule = changed("low_score_rate", measures=(measure,))
    assert [found.id for found in rule_objections(rule)] == ["H4"]
    with pytest.raises(DomainError) as refusal:
        require_lawful_rule(rule)
    assert refusal.value.code == "warning_rule.unlawful"
    assert "H4" in str(refusal.value.params["rule"])
    assert measure in str(refusal.value.params["looks_at"])


def test_a_rule_that_looks_at_tables_of_lines_is_refused() -> None:
    for table in ("cut_line_rates", "effective_marks", "line_exposure", "borderline_candidates"):
        assert rule_objections(changed("low_score_rate", table=table, measures=("value",))), table


def test_levels_of_marks_in_entrance_exams_are_no_reason_for_a_warning() -> None:
    for kind in ENTRANCE:
        rule = changed("low_score_rate", kinds=frozenset({kind, "graduation_mock"}))
        assert [found.id for found in rule_objections(rule)] == ["H9"]
    for rule in RULES:
        if rule.kinds & ENTRANCE:
            assert rule.code not in ("low_score_rate", "attainment_gap")


def test_a_rule_holds_from_its_day_on_and_for_its_kinds() -> None:
    rule = warning_rules()["low_score_rate"]
    day = rule.in_force_from
    assert rule.applies_to(kind="graduation_mock", held_on=day)
    assert not rule.applies_to(kind="graduation_mock", held_on=day - dt.timedelta(days=1))
    assert not rule.applies_to(kind="senior_secondary_entrance", held_on=day)


def test_parameters_are_checked_all_at_once() -> None:
    rule = warning_rules()["value_added_decline_two_years"]
    with pytest.raises(DomainError) as refusal:
        require_parameters_allowed(
            rule, {"z": 0.5, "weaker": "always", "years": 2.5, "measure": 1, "working_days_to_respond": True}
        )
    pointers = [fault.pointer for fault in refusal.value.faults]
    assert pointers == [
        f"/parameters/{name}" for name in ("z", "weaker", "years", "measure", "working_days_to_respond")
    ]
    assert refusal.value.faults[1].allowed == "whole_fall, any_fall, none"
    require_parameters_allowed(rule, {"z": 2, "weaker": "any_fall", "working_days_to_respond": 14})


@given(st.sampled_from(RULES), st.floats(allow_nan=True, allow_infinity=True))
def test_no_number_outside_its_bounds_is_allowed(rule: WarningRule, value: float) -> None:
    for parameter in rule.parameters.values():
        if parameter.allows(value):
            assert parameter.least is not None
            assert parameter.most is not None
            assert parameter.least <= value <= parameter.most


def test_a_bureau_changes_only_what_it_sets() -> None:
    rule = warning_rules()["low_score_rate"]
    assert effective_parameters(rule, {}) == {name: each.default for name, each in rule.parameters.items()}
    assert effective_parameters(rule, {"threshold": 0.2}) == {**effective_parameters(rule, {}), "threshold": 0.2}
