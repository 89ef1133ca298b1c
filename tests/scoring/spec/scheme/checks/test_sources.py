"""Sources."""

from shared.scoring.scheme.findings import Level
from tests.scoring.scheme_texts import found_by, line_of


def test_the_small_scheme_passes() -> None:
    assert found_by("sources") == []


def test_a_source_that_nobody_knows() -> None:
    assert found_by("sources", knows_source=lambda source: source.key != "books_per_student") == [
        (Level.ERROR, "source_unknown", "B2", line_of("code: B2"))
    ]


def test_entered_values_need_no_source() -> None:
    assert (
        found_by(
            "sources", ("{kind: statistics, key: books_per_student}", "inspection"), knows_source=lambda source: False
        )
        == []
    )
