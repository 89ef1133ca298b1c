"""Documents."""

from shared.scoring.scheme.findings import Level
from tests.scoring.scheme_texts import found_by, line_of


def test_the_small_scheme_passes() -> None:
    assert found_by("documents") == []


def test_what_is_verified_says_against_what() -> None:
    assert found_by("documents", ("code: B1\n", "code: B1\n        verified: true\n")) == [
        (Level.ERROR, "verified_without_document", "B1", line_of("code: B1"))
    ]
    assert found_by("documents", ("code: B1\n", "code: B1\n        verified: true\n        document: 甲1号\n")) == []


def test_the_whole_scheme_too() -> None:
    assert found_by("documents", ("of: school", "of: school\nverified: true")) == [
        (Level.ERROR, "verified_without_document", None, 1)
    ]
    assert found_by("documents", ("of: school", "of: school\nverified: true\ndocument: 甲1号")) == []


def test_dated_values_without_a_document_will_be_refused() -> None:
    assert found_by("documents", (", document: 甲〔2027〕2号", "")) == [
        (Level.FUTURE_ERROR, "value_without_document", "A1", line_of("value: 40"))
    ]
    assert found_by("documents", (", document: 甲〔2027〕2号", ", verified: true")) == [
        (Level.ERROR, "value_without_document", "A1", line_of("value: 40"))
    ]
