"""Columns and numbers are rounded alike (docs/scoring.md §0.4)."""

from decimal import ROUND_HALF_UP, Decimal

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from shared.scoring.rounding import half_away_from_zero, half_away_from_zero_expr
from tests.scoring.properties.strategies import QUICK

DIGITS = st.integers(0, 6)


@QUICK
@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=50), DIGITS)
def test_a_column_is_rounded_like_its_numbers(values, digits):
    column = pl.DataFrame({"x": values}).select(half_away_from_zero_expr(pl.col("x"), digits))["x"]
    assert column.to_list() == [float(half_away_from_zero(value, digits)) for value in values]


@QUICK
@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=50), DIGITS)
def test_every_decimal_half_goes_away_from_zero(numbers, digits):
    halves = [Decimal(10 * number + 5).scaleb(-digits - 1) for number in numbers]
    column = pl.DataFrame({"x": [float(half) for half in halves]}).select(
        half_away_from_zero_expr(pl.col("x"), digits)
    )["x"]
    expected = [half.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP) for half in halves]
    assert column.to_list() == [float(value) for value in expected]
    assert [half_away_from_zero(half, digits) for half in halves] == expected
