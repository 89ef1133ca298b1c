"""Who sees what of results: role by level by stage, each decision with its rule."""

import datetime as dt
import itertools

import pytest

from shared.policy.exam_kinds import exam_kinds
from shared.policy.visibility import (
    PupilsToHelp,
    RankDisclosure,
    Reach,
    ResultVisibility,
    policy_digest,
    result_visibility,
)
from shared.terms.actor import Actor, Role
from shared.terms.education import Stage
from shared.terms.organization import OrgLevel

PATHS = {
    OrgLevel.PROVINCE: "52/",
    OrgLevel.CITY: "52/5205/",
    OrgLevel.COUNTY: "52/5205/520502/",
    OrgLevel.SCHOOL: "52/5205/520502/2152000001/",
    OrgLevel.CLASS: "52/5205/520502/2152000001/c1/",
}
READERS = frozenset(Role) - {Role.STUDENT, Role.GUARDIAN}
OWN = {"county_code": "520502", "school_code": "2152000001"}
NEIGHBOR = {"county_code": "520502", "school_code": "2152000002"}
ELSEWHERE = {"county_code": "520521", "school_code": "2152000003"}
OTHER_CITY = {"county_code": "520102", "school_code": "2152000004"}


def seen(
    role: Role, level: OrgLevel, *, stage: Stage = Stage.PRIMARY, kind: str = "sample_monitoring"
) -> ResultVisibility:
    who = Actor("s", "c", frozenset({role}), frozenset(), PATHS[level])
    return result_visibility(who, stage=stage, exam_kind=kind)


def places(visibility: ResultVisibility, level: OrgLevel) -> list[bool]:
    """Own place, a neighbor in the county, one elsewhere in the city, one in another city."""
    return [visibility.shows(level, **place) for place in (OWN, NEIGHBOR, ELSEWHERE, OTHER_CITY)]


ROWS = {
    OrgLevel.PROVINCE: ([True] * 4, [True] * 4),
    OrgLevel.CITY: ([True, True, True, False], [True, True, True, False]),
    OrgLevel.COUNTY: ([True, True, False, False], [True, True, False, False]),
    OrgLevel.SCHOOL: ([True, True, False, False], [True, False, False, False]),
    OrgLevel.CLASS: ([False] * 4, [False] * 4),
}


@pytest.mark.parametrize(("role", "level"), list(itertools.product(sorted(READERS), PATHS)))
def test_rows_by_level_of_the_caller(role: Role, level: OrgLevel) -> None:
    counties, schools = ROWS[level]
    for stage in Stage:
        visibility = seen(role, level, stage=stage)
        assert visibility.shows(OrgLevel.CITY) == (level is not OrgLevel.CLASS)
        assert places(visibility, OrgLevel.COUNTY) == counties
        assert places(visibility, OrgLevel.SCHOOL) == places(visibility, OrgLevel.CLASS) == schools
        assert visibility.sees_nothing == (level is OrgLevel.CLASS)
        for place, shown in zip((OWN, NEIGHBOR, ELSEWHERE, OTHER_CITY), schools, strict=True):
            assert visibility.shows_name(**place) == shown


@pytest.mark.parametrize(("role", "level"), list(itertools.product([Role.STUDENT, Role.GUARDIAN], PATHS)))
def test_pupils_and_guardians_see_nothing(role: Role, level: OrgLevel) -> None:
    visibility = seen(role, level)
    assert visibility.sees_nothing
    assert not visibility.sees_candidates
    assert set(visibility.reach.values()) == {Reach.NONE}


def test_small_groups_stay_whole_for_their_own_school_alone() -> None:
    for level in PATHS:
        own = seen(Role.INTEGRATION, level).own_school
        assert own == ("2152000001" if level in (OrgLevel.SCHOOL, OrgLevel.CLASS) else None)
    assert seen(Role.SCHOOL_ADMIN, OrgLevel.SCHOOL).least_other_schools == 2
    assert seen(Role.COUNTY_ADMIN, OrgLevel.COUNTY).least_other_schools == 0


@pytest.mark.parametrize("level", PATHS)
def test_candidates_are_seen_by_their_schools_people_alone(level: OrgLevel) -> None:
    allowed = {role for role in Role if seen(role, level).sees_candidates}
    expected = {Role.SCHOOL_ADMIN, Role.SCHOOL_OPERATOR} if level is OrgLevel.SCHOOL else set()
    assert allowed == expected


@pytest.mark.parametrize("stage", Stage)
def test_ranks_of_pupils_never_in_compulsory_education(stage: Stage) -> None:
    shown = {seen(role, level, stage=stage).candidate_ranks for role in Role for level in PATHS}
    assert shown == {RankDisclosure.NEVER if stage.is_compulsory else RankDisclosure.ON_REQUEST}


@pytest.mark.parametrize("kind", sorted(exam_kinds()))
def test_schools_are_not_ranked_by_entrance_exams(kind: str) -> None:
    entrance = kind in ("senior_secondary_entrance", "college_entrance_results")
    for level in PATHS:
        assert seen(Role.CITY_ADMIN, level, kind=kind).sees_school_ranks == (not entrance)


def test_every_decision_cites_a_rule_in_force() -> None:
    for stage, level in itertools.product(Stage, PATHS):
        decisions = seen(Role.SCHOOL_ADMIN, level, stage=stage).decisions
        assert {made.about for made in decisions} == {
            "roles", "rows", "small_groups", "candidates", "candidate_ranks", "school_ranks", "answer_options",
            "pupils_to_help",
        }  # fmt: skip
        for made in decisions:
            assert made.answer
            assert made.rule.title["zh"]
            assert made.rule.title["en"]
            assert made.rule.in_force_from <= dt.date(2026, 11, 1)
    by_stage = {
        stage: next(made.rule.id for made in seen(Role.TEACHER, OrgLevel.SCHOOL, stage=stage).decisions
                    if made.about == "candidate_ranks")
        for stage in Stage
    }  # fmt: skip
    assert by_stage == {Stage.PRIMARY: "H2", Stage.JUNIOR_SECONDARY: "H2", Stage.SENIOR_SECONDARY: "H3"}


def test_a_subtree_is_seen_no_further_than_its_codes_reach() -> None:
    visibility = seen(Role.COUNTY_ADMIN, OrgLevel.COUNTY)
    assert visibility.area == "520502"
    assert not visibility.shows(OrgLevel.COUNTY)
    assert not visibility.shows(OrgLevel.PROVINCE)
    assert len(policy_digest()) == 64


@pytest.mark.parametrize(
    ("role", "level", "shown"),
    [
        (Role.CITY_ADMIN, OrgLevel.CITY, True),
        (Role.COUNTY_REVIEWER, OrgLevel.COUNTY, True),
        (Role.TEACHER, OrgLevel.SCHOOL, True),
        (Role.SCHOOL_OPERATOR, OrgLevel.SCHOOL, False),
        (Role.PROVINCE_READER, OrgLevel.PROVINCE, False),
        (Role.STUDENT, OrgLevel.SCHOOL, False),
    ],
)
def test_answer_options_are_for_those_who_judge_or_teach(role: Role, level: OrgLevel, shown: bool) -> None:
    assert seen(role, level).sees_answer_options is shown


def test_pupils_to_help_are_named_to_their_own_schools_teachers_only() -> None:
    for role, level in itertools.product(Role, PATHS):
        expected = PupilsToHelp.NONE
        if level is OrgLevel.SCHOOL and role is Role.SCHOOL_ADMIN:
            expected = PupilsToHelp.SCHOOL
        if level is OrgLevel.SCHOOL and role is Role.TEACHER:
            expected = PupilsToHelp.NAMED_CLASSES
        assert seen(role, level).pupils_to_help is expected
