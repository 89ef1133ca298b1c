"""Rounding half away from zero (docs/scoring.md §0)."""

from decimal import Decimal

import polars as pl
import pytest

from shared.scoring.rounding import half_away_from_zero, half_away_from_zero_expr

CASES = [
    (0.5, 0, "1"),
    (1.5, 0, "2"),
    (2.5, 0, "3"),
    (-0.5, 0, "-1"),
    (-2.5, 0, "-3"),
    (2.675, 2, "2.68"),  # the double lies below the half that a reader sees
    (1.005, 2, "1.01"),
    (-1.005, 2, "-1.01"),
    (0.285, 2, "0.29"),
    (0.49999999999999994, 0, "0"),  # adding a half in binary would give 1
    (-0.04, 1, "0.0"),
    (0.0, 2, "0.00"),
    (71.2, 1, "71.2"),
    (1e22, 2, "10000000000000000000000.00"),
]


@pytest.mark.parametrize(("value", "digits", "expected"), CASES)
def test_a_number_is_rounded_as_the_decimal_a_reader_sees(value, digits, expected):
    assert str(half_away_from_zero(value, digits)) == expected


@pytest.mark.parametrize(("value", "digits", "expected"), CASES)
def test_a_column_is_rounded_like_a_number(value, digits, expected):
    column = pl.select(half_away_from_zero_expr(pl.lit(value), digits)).item()
    assert column == float(expected)
    assert str(column)[0] == "-" or not expected.startswith("-")


def test_decimals_and_integers_are_exact():
    assert half_away_from_zero(Decimal("0.125"), 2) == Decimal("0.13")
    assert half_away_from_zero(7, 1) == Decimal("7.0")


def test_nulls_stay_null():
    frame = pl.DataFrame({"x": [None, 0.25]}, schema={"x": pl.Float64})
    assert frame.select(half_away_from_zero_expr(pl.col("x"), 1))["x"].to_list() == [None, 0.3]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_finite_is_refused(value):
    with pytest.raises(ValueError, match="cannot be rounded"):
        half_away_from_zero(value, 1)


@pytest.mark.parametrize("digits", [-1, 16])
def test_digits_out_of_range_are_refused(digits):
    with pytest.raises(ValueError, match="digits"):
        half_away_from_zero(1.0, digits)
    with pytest.raises(ValueError, match="digits"):
        half_away_from_zero_expr(pl.lit(1.0), digits)
