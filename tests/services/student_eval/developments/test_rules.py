"""Rules of development: changes against oneself, advice, and pictures that nothing can be subtracted from."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.student_eval.development_results.pictures import distributions
from services.student_eval.development_results.rules import AdviceKind, Change, advice_of, change_of
from services.student_eval.development_terms.rules import DEVELOPMENT_LIFE, DevelopmentState, require_grade
from shared.policy.student_development import development_policy
from shared.scoring.scheme.document import SchemeDocument
from shared.scoring.scheme.reading import read_scheme
from shared.terms.errors import DomainError
from tools.scheme_check import FOLDER

GRADES = ("A", "B", "C", "D")


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [("B", "A", Change.RISEN), ("A", "A", Change.HELD), ("A", "D", Change.FALLEN), (None, "A", None), ("E", "A", None)],
)
def test_a_grade_is_held_against_the_same_pupils_own(before: str | None, now: str, change: Change | None) -> None:
    assert change_of(before, now, GRADES) is change


def test_advice_follows_from_own_grades_and_records_alone() -> None:
    document = read_scheme((FOLDER / "compulsory_student.yaml").read_text("utf-8"))
    assert isinstance(document, SchemeDocument)
    scheme = document.as_of(dt.date(2026, 9, 1))
    indicators = [f"B{number}" for number in range(1, 13)]
    now = dict.fromkeys(indicators[:-1], "B") | {"B2": "C", "B3": "A"}
    before = dict.fromkeys(indicators, "B")
    found = [(advice.kind, advice.node) for advice in advice_of(scheme, before, now, dict.fromkeys(indicators[:4], 1))]
    assert found[0] == (AdviceKind.FALLEN, "B2")
    assert found[-1] == (AdviceKind.RISEN, "B3")
    assert (AdviceKind.NOT_DESCRIBED, "B12") in found
    assert [node for kind, node in found if kind is AdviceKind.NO_RECORDS] == indicators[4:11]


def test_what_was_told_is_taken_back_by_reopening_alone() -> None:
    assert DEVELOPMENT_LIFE.actions(DevelopmentState.REPORTED) == ("reopen",)
    assert development_policy().weights(2, frozenset({"self", "appraisers", "school"})) == {
        "class_teacher": 60,
        "guardians": 10,
    }


@pytest.mark.parametrize("grade_level", [0, 10, 12])
def test_it_is_for_compulsory_grades_alone(grade_level: int) -> None:
    require_grade(9)
    with pytest.raises(DomainError) as caught:
        require_grade(grade_level)
    assert caught.value.code == "development.not_this_grade"


@given(st.lists(st.integers(0, 30), min_size=1, max_size=6), st.integers(0, 3))
def test_nothing_withheld_comes_back_by_subtraction(sizes: list[int], least_of: int) -> None:
    min_n = 10
    rows = [(f"g{n}", "A1", GRADES[(n + least_of) % 4], size) for n, size in enumerate(sizes) if size]
    schema = {"group": pl.String, "node": pl.String, "grade": pl.String, "pupils": pl.Int64}
    parts, (whole,) = distributions(
        pl.DataFrame(rows, schema=schema, orient="row"), nodes=["A1"], grades=GRADES, min_n=min_n
    )
    assert all(part.pupils is None or part.pupils >= min_n for part in parts)
    hidden = [part.group for part in parts if part.pupils is None]
    rest = sum(size for n, size in enumerate(sizes) if f"g{n}" in hidden)
    if whole.pupils is None:
        assert len(hidden) == len(parts)
    elif hidden:
        # At least two groups stand behind what is missing, with enough pupils between them.
        assert len(hidden) == len(parts) or (len(hidden) > 1 and rest >= min_n)
