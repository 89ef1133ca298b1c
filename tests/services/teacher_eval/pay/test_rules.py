"""Pure rules of performance pay: money as people read it, months, entries that add up to nothing."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from services.teacher_eval.money import months_between, yuan
from services.teacher_eval.pay_ledger.rules import settlement
from services.teacher_eval.pay_members.rules import MonthRule, Stay, month_shares, present
from services.teacher_eval.pay_plans.rules import LIFE as PLAN_LIFE
from services.teacher_eval.pay_plans.rules import PAYABLE, PlanState
from services.teacher_eval.pay_pools.rules import LIFE as POOL_LIFE
from services.teacher_eval.pay_pools.rules import PoolState
from services.teacher_eval.pay_runs.rules import LIFE as RUN_LIFE
from services.teacher_eval.pay_runs.rules import RunState, posting_of

DAYS = st.dates(dt.date(2025, 8, 1), dt.date(2026, 2, 28))


def test_yuan() -> None:
    assert [yuan(fen) for fen in (0, 5, 83_400, -1, -250)] == ["0.00", "0.05", "834.00", "-0.01", "-2.50"]


def test_months() -> None:
    assert months_between("2025-11", "2026-02") == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert months_between("2026-02", "2026-01") == []


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(-(10**9), 10**9)))
def test_a_settlement_adds_up_to_nothing(carried: dict[str, int]) -> None:
    entries = settlement(carried)
    assert sum(entry.amount_fen for entry in entries) == 0
    assert {e.staff_key: -e.amount_fen for e in entries if e.staff_key} == {k: v for k, v in carried.items() if v}


@given(DAYS, DAYS, st.sampled_from(MonthRule))
def test_nobody_is_present_for_more_than_the_period(joined: dt.date, left: dt.date, rule: MonthRule) -> None:
    months = month_shares("2025-09", "2026-01", Stay(joined_on=joined, left_on=left), rule)
    assert 0 <= present(months) <= 5
    assert set(months) <= set(months_between("2025-09", "2026-01"))


def test_lives() -> None:
    assert {PlanState.FILED, PlanState.IN_USE} == PAYABLE
    assert PLAN_LIFE.actions(PlanState.DRAFTED) == ("check", "drop")
    assert PLAN_LIFE.actions(PlanState.SIMULATED) == ("simulate", "pass", "drop")
    assert PLAN_LIFE.actions(PlanState.SUPERSEDED) == ()
    assert POOL_LIFE.actions(PoolState.IN_PAYMENT) == ("withdraw_payment", "close")
    assert POOL_LIFE.actions(PoolState.CLOSED) == ()
    assert RUN_LIFE.actions(RunState.CONFIRMED) == ("drop", "publish")
    assert RUN_LIFE.actions(RunState.PAID) == ()


def test_posting_follows_the_plan_and_else_the_law() -> None:
    assert posting_of({"formula": None, "amounts": None}) == {"formula": "school", "amounts": "own"}
    assert posting_of({"formula": None, "amounts": "school"}) == {"formula": "school", "amounts": "school"}
