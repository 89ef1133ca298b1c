"""How long ago values were confirmed."""

import datetime as dt

from shared.scoring.scheme.findings import Level
from tests.scoring.scheme_texts import found_by


def test_the_small_scheme_passes() -> None:
    assert found_by("confirmation") == []


def test_values_that_nobody_confirmed_for_three_years() -> None:
    found = found_by("confirmation", on=dt.date(2031, 1, 1))
    assert [(finding[0], finding[1], finding[2]) for finding in found] == [
        (Level.WARNING, "not_confirmed_lately", node) for node in ("A1", "A2", "B2")
    ]


def test_a_confirmation_counts() -> None:
    late = dt.date(2029, 10, 15)
    changes = (("甲〔2027〕2号}", "甲〔2027〕2号, last_confirmed_on: 2029-01-01}"),)
    assert found_by("confirmation", on=late) == []
    assert "A1" not in [finding[2] for finding in found_by("confirmation", *changes, on=dt.date(2031, 1, 1))]


def test_what_does_not_hold_yet_is_not_asked_about() -> None:
    assert found_by("confirmation", on=dt.date(2026, 8, 1)) == []
