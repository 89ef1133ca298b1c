"""Vetoes."""

from shared.scoring.scheme.findings import Level
from tests.scoring.scheme_texts import found_by, line_of


def test_the_small_scheme_passes() -> None:
    assert found_by("vetoes") == []


def test_the_grade_exists() -> None:
    assert found_by("vetoes", ("caps_at: C", "caps_at: E")) == [
        (Level.ERROR, "veto_grade_unknown", "V1", line_of("code: V1"))
    ]


def test_and_is_worse_than_the_best() -> None:
    assert [finding[1] for finding in found_by("vetoes", ("caps_at: C", "caps_at: A"))] == ["veto_without_effect"]


def test_a_veto_without_a_value_strikes_nobody() -> None:
    found = found_by("vetoes", ("caps_at: C}\n", "caps_at: C}\n        missing: zero\n"))
    assert found == [(Level.WARNING, "veto_missing_zero", "V1", line_of("code: V1"))]
