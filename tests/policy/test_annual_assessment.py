"""The annual assessment: grades in order, caps, tracks, reasons for no grade; what was not checked says so."""

from decimal import Decimal

import pytest

from shared.policy import annual_assessment as law
from shared.policy.annual_assessment import AnnualGrade, Rounding

BEST, GOOD, BASIC, FAILED = AnnualGrade


@pytest.mark.parametrize(
    ("grade", "cap", "left"),
    [(BEST, None, BEST), (BEST, GOOD, GOOD), (BASIC, GOOD, BASIC), (GOOD, FAILED, FAILED), (FAILED, FAILED, FAILED)],
)
def test_a_cap_leaves_what_is_no_better(grade: AnnualGrade, cap: AnnualGrade | None, left: AnnualGrade) -> None:
    assert grade.capped(cap) is left
    assert grade.is_within(cap) is (left is grade)


def test_the_quota_is_a_parameter_nobody_has_checked_yet() -> None:
    rule = law.quota_rule()
    assert (rule.usual, rule.raised, rule.rounding, rule.verified) == (
        Decimal("0.20"),
        Decimal("0.25"),
        Rounding.FLOOR,
        False,
    )


@pytest.mark.parametrize(("base", "rate"), [(-1, "0.2"), (10, "1.2")])
def test_no_share_of_nobody(base: int, rate: str) -> None:
    with pytest.raises(ValueError, match="no share"):
        law.quota_count(base, Decimal(rate), Rounding.FLOOR)


def test_leaders_report_and_principals_are_graded_above() -> None:
    assert law.track_of_post("31").code == law.track_of_post("32").code == "leader"
    assert law.track_of_post(None).code == law.track_of_post("10").code == "teacher"
    assert law.tracks()["leader"].self_steps == ("submitted", "material_reviewed", "material_shown")
    assert law.tracks()["principal"].graded_by == "county"


def test_who_left_is_not_counted_and_who_is_ill_is() -> None:
    counted = {code for code, reason in law.ungraded_reasons().items() if reason.counts}
    assert counted == {"on_leave_over_half_year", "new_under_six_months", "under_investigation"}


def test_totals_propose_the_grades_below_the_best() -> None:
    least = law.least_totals()
    assert [least.grade_of(Decimal(total)) for total in (60, 50, 49)] == [GOOD, BASIC, FAILED]
    assert law.reviewable_grades() == {BASIC, FAILED}
    assert list(law.grade_names()) == list(AnnualGrade)
    assert law.in_force_from().year == 2023
