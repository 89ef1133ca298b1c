"""What a rung asks, held against what is known of a person."""

import datetime as dt
from decimal import Decimal

import pytest

from services.teacher_eval.ladders.criteria import checks
from services.teacher_eval.ladders.rules import Check, Facts, Held, HonorLevel, Status, years_before
from services.teacher_eval.ladders.schemas import LadderIn
from services.teacher_eval.ladders.service import built_in_ladders
from services.teacher_eval.titles.rules import open_checks, require_renewable, require_reviewable, term_ends_on
from shared.terms.errors import DomainError

DAY = dt.date(2026, 11, 25)


def check(criterion, facts):
    rung = {"code": "r", "name": {"zh": "级", "en": "Rung"}, "recognized_by": "city", "criteria": [criterion]}
    below = {"code": "below", "name": {"zh": "级", "en": "Rung"}, "recognized_by": "city", "criteria": []}
    ladder = LadderIn.model_validate(
        {"name": {"zh": "梯级", "en": "Ladder"}, "track": "teacher", "document": "测试", "verified": False,
         "in_force_on": "2026-09-01", "rungs": [below, rung]}
    )  # fmt: skip
    return checks(ladder.rungs[1].criteria, facts, DAY)[0]


def criterion(kind, **more):
    return {"kind": kind, "code": "c", "name": {"zh": "条件", "en": "Criterion"}, "document": "测试", **more}


def test_a_rung_held_counts_whole_years_without_gaps():
    held = [
        Held(rung="below", first_on=dt.date(2020, 1, 1), last_on=dt.date(2021, 12, 31)),
        Held(rung="below", first_on=dt.date(2025, 11, 1), last_on=None),
        Held(rung="other", first_on=dt.date(2010, 1, 1), last_on=None),
    ]
    assert check(criterion("rung_held", rung="below", years=3), Facts(held=held)).found == "3"
    assert check(criterion("rung_held", rung="below", years=4), Facts(held=held)).status is Status.NOT_MET


def test_hours_count_within_the_years_and_no_longer():
    hours = [(dt.date(2021, 11, 25), Decimal(300)), (dt.date(2021, 11, 26), Decimal("200.5")), (DAY, Decimal("159.5"))]
    found = check(criterion("training_hours", hours=360, years=5), Facts(hours=hours))
    assert found == Check("c", Status.MET, "360", "360")


def test_grades_are_those_of_the_last_years_that_are_known():
    grades = {"2025-2026": "qualified", "2024-2025": "excellent", "2023-2024": "excellent", "2022-2023": "excellent"}
    one = criterion("evaluation_grades", grades=["excellent"], years=3, least=2)
    assert check(one, Facts(grades=grades)).found == "2"
    assert check(one, Facts()).status is Status.UNKNOWN
    assert check(one, Facts(grades={})).status is Status.NOT_MET


def test_an_honor_of_a_higher_level_counts_for_a_lower_one():
    honors = [(HonorLevel.PROVINCIAL, DAY), (HonorLevel.COUNTY, DAY), (HonorLevel.CITY, dt.date(2010, 1, 1))]
    assert check(criterion("honors", level="city", least=1, years=5), Facts(honors=honors)).found == "1"


def test_conduct_is_clean_once_no_effect_reaches_into_the_years():
    past = [(dt.date(2020, 1, 1), dt.date(2022, 1, 1))]
    one = criterion("conduct_clean", years=2)
    assert check(one, Facts(violations=past)).status is Status.MET
    assert check(one, Facts(violations=[*past, (dt.date(2023, 1, 1), dt.date(2025, 1, 1))])).found == "1"
    assert check(one, Facts()).status is Status.UNKNOWN


def test_what_is_stated_answers_what_nobody_knows_and_never_what_is_known():
    one = criterion("evaluation_grades", grades=["excellent"], years=3, least=2)
    assert check(one, Facts(stated={"c": Decimal(3)})).status is Status.MET
    assert check(one, Facts(grades={}, stated={"c": Decimal(3)})).status is Status.NOT_MET
    clean = criterion("conduct_clean", years=2)
    assert check(clean, Facts(stated={"c": Decimal(0)})).status is Status.MET
    assert check(clean, Facts(stated={"c": Decimal(1)})).status is Status.NOT_MET
    stated = criterion("stated", unit={"zh": "次", "en": "times"}, least=3)
    assert check(stated, Facts(stated={"c": Decimal(2)})).status is Status.NOT_MET


def test_the_built_in_ladders_are_whole_and_nothing_in_them_passes_for_verified():
    ladders = built_in_ladders()
    assert [rung.code for rung in ladders["teachers"].rungs] == ["backbone", "subject_leader", "famous"]
    assert {ladder.track.value for ladder in ladders.values()} == {"teacher", "homeroom_teacher", "principal"}
    criteria = [each for ladder in ladders.values() for rung in ladder.rungs for each in rung.criteria]
    assert criteria
    assert not any(each.verified for each in criteria)


def test_a_ladder_may_ask_only_for_rungs_below():
    content = built_in_ladders()["teachers"].model_dump(mode="json")
    with pytest.raises(ValueError, match="not below"):
        LadderIn.model_validate(content | {"rungs": content["rungs"][::-1]})


CHECKS = [
    {"code": "a", "status": "met", "found": "1", "needed": "1"},
    {"code": "b", "status": "not_met", "found": "0", "needed": "1"},
    {"code": "gate", "status": "not_met", "found": "1", "needed": "0"},
]


def test_criteria_may_be_let_pass_but_that_of_conduct():
    assert [each["code"] for each in open_checks(CHECKS, {"b": {}})] == ["gate"]
    require_reviewable(CHECKS[:2], {"b": {}}, ["gate"])
    with pytest.raises(DomainError) as open_ones:
        require_reviewable(CHECKS[:2], {}, [])
    assert open_ones.value.params == {"criteria": "b 0 / 1"}
    for waivers, code in (({"b": {}, "gate": {}}, "title.conduct_not_waived"), ({"z": {}}, "title.waiver_unknown")):
        with pytest.raises(DomainError) as refused:
            require_reviewable(CHECKS, waivers, ["gate"])
        assert refused.value.code == code


def test_terms_are_whole_years_and_leap_days_do_not_break_them():
    assert term_ends_on(dt.date(2026, 3, 1), 3) == dt.date(2029, 2, 28)
    assert term_ends_on(dt.date(2024, 2, 29), 3) == dt.date(2027, 2, 28)
    assert term_ends_on(DAY, None) is None
    assert years_before(dt.date(2024, 2, 29), 1) == dt.date(2023, 2, 28)


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ([], "title.follow_up_missing"),
        ([(dt.date(2023, 1, 1), "passed")], "title.follow_up_missing"),
        ([(dt.date(2025, 1, 1), "passed"), (dt.date(2026, 1, 1), "failed")], "title.follow_up_failed"),
    ],
)
def test_a_renewal_rests_on_the_newest_follow_up_of_the_term(verdicts, code):
    with pytest.raises(DomainError) as refused:
        require_renewable(verdicts, dt.date(2024, 1, 1))
    assert refused.value.code == code
