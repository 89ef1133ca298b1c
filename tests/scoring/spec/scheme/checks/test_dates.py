"""Dated values."""

from shared.scoring.scheme.findings import Level
from tests.scoring.scheme_texts import found_by, line_of


def test_the_small_scheme_passes() -> None:
    assert found_by("dates") == []


def test_a_value_covers_the_whole_life() -> None:
    assert found_by("dates", ("{from: 2026-09-01, value: 60", "{from: 2026-10-01, value: 60")) == [
        (Level.ERROR, "value_begins_late", "A1", line_of("value: 60"))
    ]


def test_values_stand_in_order() -> None:
    found = found_by("dates", ("{from: 2027-09-01, value: {kind: linear", "{from: 2026-09-01, value: {kind: linear"))
    assert [finding[1:3] for finding in found] == [("values_out_of_order", "B2")]


def test_none_begins_after_the_end() -> None:
    found = found_by("dates", ("in_force_from: 2026-09-01", "in_force_from: 2026-09-01\nin_force_until: 2027-08-31"))
    assert [finding[1:3] for finding in found] == [("value_begins_after_end", node) for node in ("A1", "A2", "B2")]


def test_a_life_ends_after_it_begins() -> None:
    found = found_by("dates", ("in_force_from: 2026-09-01", "in_force_from: 2026-09-01\nin_force_until: 2025-08-31"))
    assert ("life_ends_first", None) in [finding[1:3] for finding in found]


def test_so_does_that_of_a_node() -> None:
    found = found_by(
        "dates", ("code: B1\n", "code: B1\n        in_force_from: 2027-01-01\n        in_force_until: 2026-12-31\n")
    )
    assert found == [(Level.ERROR, "life_ends_first", "B1", line_of("code: B1"))]


def test_nothing_is_confirmed_before_it_begins() -> None:
    found = found_by("dates", ("last_confirmed_on: 2026-11-01", "last_confirmed_on: 2026-08-31"))
    assert found == [(Level.ERROR, "confirmed_before_it_began", "A1", line_of("value: 60"))]


def test_a_node_needs_values_for_its_own_life_only() -> None:
    changes = (
        (", last_confirmed_on: 2026-11-01", ""),
        (
            "    weight:\n      - {from: 2026-09-01, value: 60",
            "    in_force_from: 2027-01-01\n    weight:\n      - {from: 2027-01-01, value: 60",
        ),
    )
    assert found_by("dates", *changes) == []
