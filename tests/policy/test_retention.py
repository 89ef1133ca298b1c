"""Periods of keeping count from their first day, to the day."""

import datetime as dt

import pytest

from shared.policy.retention import Method, retention_policy, school_year_end

DAY = dt.date
DUE = [
    ("withdrawn_evidence", DAY(2024, 2, 29), DAY(2025, 2, 28)),
    ("withdrawn_evidence", DAY(2025, 11, 30), DAY(2026, 11, 30)),
    ("archive_evidence", DAY(2023, 11, 25), DAY(2026, 11, 25)),
    ("fitness_results", school_year_end("2019-2020"), DAY(2026, 8, 31)),
    ("archives", DAY(1990, 1, 1), None),
]


@pytest.mark.parametrize(("kind", "first", "due"), DUE)
def test_the_day_it_is_due(kind: str, first: dt.date, due: dt.date | None) -> None:
    assert retention_policy()[kind].due_on(first) == due


def test_what_began_before() -> None:
    policy = retention_policy()["archive_evidence"]
    assert policy.began_before(DAY(2026, 11, 25)) == DAY(2023, 11, 25)
    assert policy.began_before(DAY(2024, 2, 29)) == DAY(2021, 2, 28)


def test_every_period_says_what_becomes_of_it_and_what_the_law_keeps_has_none() -> None:
    for policy in retention_policy().values():
        assert (policy.months is None) is (policy.method is Method.KEEP)
        assert policy.document
        assert policy.verified is False
    assert retention_policy()["archives"].method is Method.KEEP
