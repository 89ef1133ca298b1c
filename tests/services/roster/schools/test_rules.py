import pytest

from services.roster.classes.rules import class_path
from services.roster.schools.rules import province_agrees, stages_in_order, teaches
from shared.terms.education import Stage
from shared.terms.regions import county_of


@pytest.mark.parametrize(
    ("code", "county", "agrees"),
    [("2152000001", "520502", True), ("2153000001", "520502", False), ("2199000001", "990001", True)],
)
def test_a_schools_code_names_its_province(code: str, county: str, agrees: bool) -> None:
    region = county_of(county, include_test=True)
    assert region is not None
    assert province_agrees(code, region) is agrees


def test_stages_come_in_their_own_order_once() -> None:
    given = [Stage.SENIOR_SECONDARY, Stage.PRIMARY, Stage.PRIMARY]
    assert stages_in_order(given) == [Stage.PRIMARY, Stage.SENIOR_SECONDARY]


def test_a_school_teaches_the_grades_of_its_stages() -> None:
    assert [grade for grade in range(1, 13) if teaches(["primary", "senior_secondary"], grade)] == [
        *range(1, 7),
        *range(10, 13),
    ]


def test_a_class_code_that_cannot_be_a_path_leaves_the_class_at_its_school() -> None:
    school = "99/9900/990001/2199000001/"
    assert class_path(school, "c1") == school + "c1/"
    assert class_path(school, "六（1）班") == school
