"""How guessing slows down, and how it is forgiven."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.attempts.rules import AttemptPolicy, Failures, after_failure, remaining_level, wait_seconds

AT = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
POLICY = AttemptPolicy(allowed=3, leak_seconds=100, first_wait_seconds=10, max_wait_seconds=60)


def failures_at(*seconds: float) -> Failures:
    failures: Failures | None = None
    for second in seconds:
        failures = after_failure(failures, POLICY, AT + dt.timedelta(seconds=second))
    assert failures is not None
    return failures


def test_the_allowed_failures_cost_no_wait() -> None:
    assert wait_seconds(None, AT) == 0
    assert wait_seconds(failures_at(0, 0, 0), AT) == 0


def test_every_further_failure_doubles_the_wait_up_to_the_longest() -> None:
    waits = [wait_seconds(failures_at(*[0] * count), AT) for count in range(4, 9)]
    assert waits == [10, 20, 40, 60, 60]


def test_the_wait_ends() -> None:
    failures = failures_at(0, 0, 0, 0)
    assert wait_seconds(failures, AT + dt.timedelta(seconds=9.5)) == 1
    assert wait_seconds(failures, AT + dt.timedelta(seconds=10)) == 0


def test_failures_leak_away_one_by_one() -> None:
    failures = failures_at(0, 0, 0)
    assert remaining_level(failures, POLICY, AT + dt.timedelta(seconds=150)) == 1.5
    assert remaining_level(failures, POLICY, AT + dt.timedelta(days=1)) == 0
    assert wait_seconds(failures_at(0, 0, 0, 100), AT + dt.timedelta(seconds=100)) == 0


@given(st.lists(st.floats(0, 1_000), min_size=1, max_size=60))
def test_whoever_tries_whenever_allowed_is_held_to_the_leak_rate(gaps: list[float]) -> None:
    now, failures, tried = AT, None, 0
    for gap in gaps:
        now += dt.timedelta(seconds=gap + wait_seconds(failures, now))
        failures = after_failure(failures, POLICY, now)
        tried += 1
    elapsed = (now - AT).total_seconds()
    # What leaked, what is free, and the failures until the wait has grown to its longest.
    assert tried <= elapsed / min(POLICY.leak_seconds, POLICY.max_wait_seconds) + POLICY.allowed + 4


@given(st.floats(-1_000, 0))
def test_a_clock_set_back_forgives_nothing(seconds: float) -> None:
    failures = failures_at(0, 0, 0)
    assert remaining_level(failures, POLICY, AT + dt.timedelta(seconds=seconds)) == 3
