"""Evaluators and methods."""

from shared.scoring.scheme.findings import Level
from tests.scoring.scheme_texts import found_by, line_of


def test_the_small_scheme_passes() -> None:
    assert found_by("evaluators") == []


def test_nobody_enters_what_is_computed() -> None:
    assert found_by("evaluators", ("[platform]", "[school, county]"), ("[computed]", "[documents]")) == [
        (Level.ERROR, "computed_by_people", "B2", line_of("code: B2")),
        (Level.ERROR, "method_does_not_fit", "B2", line_of("code: B2")),
    ]


def test_the_platform_enters_nothing() -> None:
    found = found_by(
        "evaluators", ("[school, county]", "[school, platform]"), ("[documents, on_site]", "[documents, computed]")
    )
    assert [finding[1:3] for finding in found] == [("entered_by_platform", "B1"), ("method_does_not_fit", "B1")]


def test_no_school_inspects_itself() -> None:
    assert [finding[1] for finding in found_by("evaluators", ("[school, county]", "[county, school]"))] == [
        "inspected_by_itself"
    ]
