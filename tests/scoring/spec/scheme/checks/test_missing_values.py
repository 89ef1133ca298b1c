"""Missing values."""

from shared.scoring.scheme.findings import Level
from tests.scoring.scheme_texts import found_by, line_of


def test_the_small_scheme_passes() -> None:
    assert found_by("missing_values") == []


def test_a_computed_value_that_is_missing_is_not_held_against_a_school() -> None:
    for missing, expected in (
        ("zero", [(Level.WARNING, "missing_computed", "B2", line_of("code: B2"))]),
        ("block", []),
    ):
        changes = (("key: books_per_student}\n", f"key: books_per_student}}\n        missing: {missing}\n"),)
        assert found_by("missing_values", *changes) == expected


def test_an_entered_one_may_be() -> None:
    assert found_by("missing_values", ("source: inspection\n", "source: inspection\n        missing: zero\n")) == []
