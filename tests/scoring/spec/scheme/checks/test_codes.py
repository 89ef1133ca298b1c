"""Codes."""

from shared.scoring.scheme.findings import Level
from tests.scoring.scheme_texts import found_by, line_of


def test_the_small_scheme_passes() -> None:
    assert found_by("codes") == []


def test_codes_are_unique_whatever_their_case() -> None:
    assert found_by("codes", ("code: B2", "code: b1")) == [(Level.ERROR, "code_twice", "b1", line_of("code: B2"))]


def test_codes_can_be_columns_and_parts_of_addresses() -> None:
    bad = ('"1"', "unit_code", "B 1", "德育", "B1.", "x" * 41, "group")
    for code in bad:
        assert [(finding[1], finding[3]) for finding in found_by("codes", ("code: B2", f"code: {code}"))] == [
            ("code_malformed", line_of("code: B2"))
        ]
    for code in ("B3.1", "B3-1", "books_per_student"):
        assert found_by("codes", ("code: B2", f"code: {code}")) == []


def test_the_scheme_has_one_too() -> None:
    assert found_by("codes", ("scheme: small", "scheme: Small one")) == [(Level.ERROR, "code_malformed", None, 1)]
