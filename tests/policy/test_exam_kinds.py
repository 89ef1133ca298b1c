"""Which exams may be held: the law as a table."""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.policy.exam_kinds import ExamProposal, exam_kinds, objections, require_lawful
from shared.terms.errors import DomainError
from shared.terms.problem_catalogue import catalogue

# Read once here: reading the whole catalogue takes longer than an example of a property may.
PROBLEMS = catalogue()


def proposal(kind: str, grade: int, **changes: object) -> ExamProposal:
    plain = {"is_sample": False, "school_count": None, "held_already": 0, "approval_document": None}
    return ExamProposal(kind=kind, grade_level=grade, **{**plain, **changes})  # type: ignore[arg-type]


def codes(asked: ExamProposal) -> list[str]:
    return [objection.code for objection in objections(asked)]


@pytest.mark.parametrize(
    ("kind", "grades"),
    [
        ("graduation_mock", {9, 12}),
        ("senior_secondary_entrance", {9}),
        ("academic_proficiency", {8, 9, 10, 11, 12}),
        ("college_entrance_results", {12}),
    ],
)
def test_cross_school_exams_of_all_are_for_graduation_years_and_statutory_exams(kind: str, grades: set[int]) -> None:
    for grade in range(1, 13):
        assert codes(proposal(kind, grade)) == ([] if grade in grades else ["exam.grade_not_allowed"])


def test_every_other_grade_has_sample_monitoring_alone() -> None:
    for grade in range(1, 13):
        assert codes(proposal("sample_monitoring", grade, is_sample=True, school_count=12)) == []
        assert codes(proposal("sample_monitoring", grade)) == ["exam.must_be_sample"]
    # Grades 1 to 7 have no kind at all under which every school could be examined.
    for kind, grade in itertools.product(exam_kinds(), range(1, 8)):
        assert codes(proposal(kind, grade)) != [], (kind, grade)


def test_a_schools_own_final_is_one_schools() -> None:
    assert codes(proposal("school_final", 4, school_count=1)) == []
    assert codes(proposal("school_final", 4, school_count=2)) == ["exam.one_school_only"]
    assert codes(proposal("school_final", 4)) == ["exam.one_school_only"]
    assert codes(proposal("school_final", 2, school_count=1)) == ["exam.grade_not_allowed"]


@pytest.mark.parametrize(("kind", "grade", "most"), [("graduation_mock", 9, 2), ("senior_secondary_entrance", 9, 1)])
def test_how_often_in_a_school_year(kind: str, grade: int, most: int) -> None:
    assert codes(proposal(kind, grade, held_already=most - 1)) == []
    assert codes(proposal(kind, grade, held_already=most)) == ["exam.held_too_often"]


def test_all_objections_are_found_at_once() -> None:
    asked = proposal("school_final", 1, school_count=5, held_already=2)
    assert codes(asked) == ["exam.grade_not_allowed", "exam.one_school_only", "exam.held_too_often"]


def test_an_unknown_kind_is_refused_whatever_approves_it() -> None:
    asked = proposal("contest", 6, approval_document="文〔2026〕1号")
    assert codes(asked) == ["exam.kind_unknown"]
    with pytest.raises(DomainError) as refused:
        require_lawful(asked)
    assert refused.value.code == "exam.kind_unknown"
    assert "sample_monitoring" in str(refused.value.params["allowed"])


def test_a_document_overrides_and_what_it_overrides_is_kept() -> None:
    asked = proposal("graduation_mock", 6, approval_document="文〔2026〕1号")
    assert require_lawful(asked) == ("exam.grade_not_allowed",)
    with pytest.raises(DomainError) as refused:
        require_lawful(proposal("graduation_mock", 6))
    assert refused.value.code == "exam.grade_not_allowed"
    assert require_lawful(proposal("graduation_mock", 9)) == ()


@given(
    kind=st.sampled_from(sorted(exam_kinds())),
    grade=st.integers(1, 12),
    is_sample=st.booleans(),
    school_count=st.none() | st.integers(1, 50),
    held_already=st.integers(0, 3),
)
def test_every_objection_is_in_the_catalogue_and_cites_its_rule(
    kind: str, grade: int, is_sample: bool, school_count: int | None, held_already: int
) -> None:
    asked = proposal(kind, grade, is_sample=is_sample, school_count=school_count, held_already=held_already)
    for objection in objections(asked):
        problem = PROBLEMS[objection.code]
        for language in ("zh", "en"):
            assert exam_kinds()[kind].rule.id in problem.sentence(language, objection.params)  # type: ignore[arg-type]


def test_every_kind_rests_on_a_dated_rule() -> None:
    for kind in exam_kinds().values():
        assert kind.grades <= set(range(1, 13))
        assert kind.rule.in_force_from <= dt.date(2026, 11, 1)
        assert kind.name["zh"]
        assert kind.name["en"]
