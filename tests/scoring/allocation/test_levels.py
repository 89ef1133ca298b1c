"""County pools to schools, school amounts to staff: the total unchanged to the fen at both levels (SCORING §11.5)."""

import random
from decimal import Decimal

import polars as pl
import pytest

from shared.scoring.allocation.levels import share_among_schools, share_two_levels
from tests.scoring.allocation.staff_rooms import BY_POINTS, people


def money(**pools: int) -> pl.DataFrame:
    return pl.DataFrame({"pool": list(pools), "money_fen": list(pools.values())})


def schools(*rows: tuple) -> pl.DataFrame:
    schema = {
        "pool": pl.String,
        "school": pl.String,
        "headcount": pl.Decimal(18, 4),
        "coefficient": pl.Decimal(18, 4),
        "floor_fen": pl.Int64,
        "cap_fen": pl.Int64,
    }
    return pl.DataFrame([(*row, *[None] * (6 - len(row))) for row in rows], schema, orient="row")


def test_schools_share_by_headcount_and_grade():
    made = share_among_schools(
        schools(
            ("C", "a", Decimal(40), Decimal("1.1")),
            ("C", "b", Decimal(60), Decimal("1")),
            ("C", "c", Decimal("7.5"), Decimal("1.2")),
        ),
        money(C=113_000),
    )
    assert made.shares.select("staff_key", "amount_fen").rows() == [("a", 44_000), ("b", 60_000), ("c", 9_000)]


def test_floors_and_caps_of_schools_hold():
    rows = (("C", "a", Decimal(50), Decimal(1), 60_000, None), ("C", "b", Decimal(50), Decimal(1)))
    assert share_among_schools(schools(*rows), money(C=100_000)).shares["amount_fen"].to_list() == [60_000, 40_000]
    refused = share_among_schools(schools(*rows), money(C=50_000))
    assert dict(refused.refusals[0].figures) == {"floors_fen": 60_000, "money_fen": 50_000}


@pytest.mark.parametrize(("headcount", "reason"), [(None, "figure_missing"), (Decimal(-1), "figure_outside")])
def test_a_school_without_a_headcount_refuses_its_county_alone(headcount, reason):
    rows = schools(
        ("C", "a", headcount, Decimal(1)), ("C", "b", Decimal(1), Decimal(1)), ("D", "d", Decimal(1), Decimal(1))
    )
    made = share_among_schools(rows, money(C=100, D=7))
    assert [(one.pool, one.reason.value, one.column, one.staff_keys) for one in made.refusals] == [
        ("C", reason, "headcount", ("a",))
    ]
    assert made.shares["amount_fen"].to_list() == [7]


def test_the_county_total_is_unchanged_at_both_levels():
    chance = random.Random(5)  # noqa: S311 - staff for a test
    rooms, staff = [], []
    for county in "CDE":
        for number in range(20):
            school, size = f"{county}{number:02d}", chance.randint(1, 12)
            rooms.append((county, school, Decimal(size), chance.choice([Decimal("0.95"), Decimal(1), Decimal("1.1")])))
            staff += [
                {"pool": school, "staff_key": f"{school}{n:03d}", "points": chance.randint(4_000, 9_999) / Decimal(100)}
                for n in range(size)
            ]
    amounts = {"C": 1_234_567, "D": 98_765_432_101, "E": 1}
    made = share_two_levels(BY_POINTS, money=money(**amounts), schools=schools(*rooms), members=people(*staff))
    assert made.refusals == ()
    assert made.totals().rows() == [(county, fen, fen, 0) for county, fen in amounts.items()]
    assert made.staff.payments["amount_fen"].sum() == sum(amounts.values())
    assert made.staff.pools["pool_fen"].to_list() == made.schools.shares.sort("staff_key")["amount_fen"].to_list()
