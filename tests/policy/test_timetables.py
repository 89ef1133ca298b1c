"""What a class's week must hold."""

import pytest

from shared.policy.timetables import RULES, Week, judged_by, shortfalls, timetable_rules

HOURS = (60, 60, 60, 60, 60)
GRADE_8 = dict.fromkeys(["11", "13", "14", "41", "16", "18", "20", "21", "22", "24", "25", "60", "61", "62"], 1.0)


def rules_of(week: Week) -> list[str]:
    return [each.rule for each in shortfalls(week)]


def test_a_full_week_keeps_every_rule() -> None:
    assert rules_of(Week(8, GRADE_8, HOURS)) == []


@pytest.mark.parametrize("minutes", [(60, 60, 59, 60, 60), (60, 60, 60, 60)])
def test_every_school_day_has_its_hour(minutes: tuple[int, ...]) -> None:
    (found,) = shortfalls(Week(8, GRADE_8, minutes))
    assert (found.rule, found.wanted) == ("sport_hour", "5 × 60")
    assert found.found == ", ".join(str(each) for each in minutes)


def test_minutes_that_were_not_told_are_not_judged() -> None:
    assert judged_by(Week(8, GRADE_8, ())) == ("labor_lesson", "full_curriculum")
    assert rules_of(Week(8, GRADE_8, ())) == []


@pytest.mark.parametrize(("lessons", "kept"), [(1.0, True), (0.5, False), (2.0, True)])
def test_labor_takes_a_lesson_a_week(lessons: float, kept: bool) -> None:
    assert ("labor_lesson" not in rules_of(Week(8, GRADE_8 | {"62": lessons}, HOURS))) is kept


def test_labor_is_no_lesson_of_the_senior_stage() -> None:
    assert "labor_lesson" not in judged_by(Week(11, {}, HOURS))


def test_one_of_a_group_is_enough_and_a_missing_one_is_named() -> None:
    arts = {code: count for code, count in GRADE_8.items() if code not in ("24", "25")}
    assert rules_of(Week(8, arts | {"23": 2.0}, HOURS)) == []
    (found,) = shortfalls(Week(8, arts | {"24": 2.0}, HOURS))
    assert (found.rule, found.found) == ("full_curriculum", "23/25")


def test_a_course_with_no_lesson_is_not_open() -> None:
    (found,) = shortfalls(Week(8, GRADE_8 | {"16": 0.0}, HOURS))
    assert found.found == "16/15"


def test_every_rule_tells_its_source() -> None:
    assert tuple(rule.code for rule in timetable_rules()) == RULES
    assert all(rule.document and not rule.verified for rule in timetable_rules())
