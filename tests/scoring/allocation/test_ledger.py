"""What is put right after payment: entries add up to nothing."""

from decimal import Decimal

import polars as pl
import pytest

from shared.scoring.allocation.ledger import (
    Account,
    Booking,
    CounterAccount,
    Entry,
    balances,
    booking,
    correction,
    correction_booking,
)
from shared.scoring.allocation.plan import Leftover, PayPlan
from tests.scoring.allocation.staff_rooms import BY_POINTS, ITEM_PLAN, allocated, people

PAID = {"a": 500, "b": 300, "c": 200, "d": 0}


def table(*bookings: Booking) -> pl.DataFrame:
    rows = [(entry.account.value, entry.staff_key, entry.amount_fen) for one in bookings for entry in one.entries]
    return pl.DataFrame(rows, {"account": pl.String, "staff_key": pl.String, "amount_fen": pl.Int64}, orient="row")


@pytest.mark.parametrize("against", [CounterAccount.RESERVE, CounterAccount.NEXT_POOL])
def test_an_upheld_appeal_is_booked_against_an_account(against):
    made = booking(120, pool="A", staff_key="a", against=against, paid=PAID)
    assert made.entries == (Entry(Account.PERSON, "a", 120), Entry(Account(against.value), None, -120))


def test_the_others_bear_it_in_proportion_to_what_they_were_paid():
    made = booking(101, pool="A", staff_key="a", against=CounterAccount.OTHERS, paid=PAID)
    assert [(entry.staff_key, entry.amount_fen) for entry in made.entries] == [("a", 101), ("b", -61), ("c", -40)]
    back = booking(-101, pool="A", staff_key="a", against=CounterAccount.OTHERS, paid=PAID)
    assert [(entry.staff_key, entry.amount_fen) for entry in back.entries] == [("a", -101), ("b", 61), ("c", 40)]


def test_nobody_gives_back_more_than_was_paid():
    made = booking(501, pool="A", staff_key="a", against=CounterAccount.OTHERS, paid=PAID)
    assert dict(made.refusals[0].figures) == {"caps_fen": 500, "money_fen": 501}
    assert made.entries == ()


ROWS = ({"points": 33}, {"points": 33}, {"points": 34})


def test_a_correction_says_what_would_have_been_paid_and_books_it():
    made = allocated(BY_POINTS, 1_002, *ROWS)
    found = correction(BY_POINTS, people(*ROWS), made, pool="A", staff_key="00001", figures={"points": Decimal(43)})
    # 1,002 over 33:43:34 is 300.6, 391.69…, 309.71….
    assert found.changes["due_fen"].to_list() == [300, 392, 310]
    assert (found.paid_fen, found.due_fen, found.owed_fen, found.kept_change_fen) == (330, 392, 62, 0)
    against_all = correction_booking(found, pool="A", against=CounterAccount.OTHERS)
    assert [(entry.staff_key, entry.amount_fen) for entry in against_all.entries] == [
        ("00001", 62),
        ("00000", -31),
        ("00002", -31),
    ]
    reserve = correction_booking(found, pool="A", against=CounterAccount.RESERVE)
    assert [entry.amount_fen for entry in reserve.entries] == [62, -62]
    # What was paid stays as it was paid.
    assert made.payments["amount_fen"].to_list() == [331, 330, 341]


def test_money_that_was_kept_bears_its_part():
    plan = PayPlan(fixed_items=ITEM_PLAN.fixed_items, leftover=Leftover.KEEP)
    rows = ({"pupil_months": 3}, {"pupil_months": 1})
    made = allocated(plan, 1_000, *rows)
    found = correction(plan, people(*rows), made, pool="A", staff_key="00001", figures={"pupil_months": Decimal(4)})
    assert (found.owed_fen, found.kept_change_fen) == (300, -300)
    entries = correction_booking(found, pool="A", against=CounterAccount.OTHERS).entries
    assert entries == (Entry(Account.PERSON, "00001", 300), Entry(Account.RESERVE, None, -300))


def test_a_correction_that_cannot_be_shared_is_refused():
    rows = ({"points": 1, "pupil_months": 1}, {"points": 1})
    made = allocated(ITEM_PLAN, 500, *rows)
    found = correction(
        ITEM_PLAN, people(*rows), made, pool="A", staff_key="00000", figures={"pupil_months": Decimal(6)}
    )
    assert dict(found.refusals[0].figures) == {"fixed_fen": 600, "pool_fen": 500}
    assert correction_booking(found, pool="A", against=CounterAccount.OTHERS).refusals == found.refusals
    with pytest.raises(LookupError):
        correction(ITEM_PLAN, people(*rows), made, pool="A", staff_key="x", figures={})


def test_balances_by_account():
    first = booking(101, pool="A", staff_key="a", against=CounterAccount.OTHERS, paid=PAID)
    second = booking(-60, pool="A", staff_key="b", against=CounterAccount.NEXT_POOL, paid=PAID)
    assert balances(table(first, second)).rows() == [
        ("next_pool", None, 60),
        ("person", "a", 101),
        ("person", "b", -121),
        ("person", "c", -40),
    ]
    with pytest.raises(ValueError, match="add up"):
        balances(table(first).head(1))
