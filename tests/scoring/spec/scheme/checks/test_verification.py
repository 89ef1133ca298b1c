"""What was not verified."""

from shared.scoring.scheme.findings import Level
from tests.scoring.scheme_texts import found_by, line_of


def test_every_unverified_node_is_listed_in_one_line() -> None:
    assert found_by("verification") == [(Level.WARNING, "not_verified", None, 1)]


def test_so_are_values() -> None:
    found = found_by("verification", ("document: 甲〔2027〕2号}", "document: 甲〔2027〕2号, verified: false}"))
    assert found == [
        (Level.WARNING, "not_verified", None, 1),
        (Level.WARNING, "values_not_verified", None, line_of("value: 40")),
    ]
