"""Paths to targets and what the years so far lead one to expect."""

from math import sqrt

import pytest

from shared.scoring.trajectory import Outlook, YearValue, forecast, outlook, straight_path

# Student's t with one and two degrees of freedom, 97.5 %.
T_1, T_2 = 12.706204736432095, 4.302652729911275


def years(*values: float, first: int = 2023) -> list[YearValue]:
    return [YearValue(first + place, value) for place, value in enumerate(values)]


def test_a_path_goes_in_equal_steps() -> None:
    path = straight_path(YearValue(2023, 60), YearValue(2028, 500))
    assert [(entry.year, entry.value) for entry in path] == [
        (2023 + n, pytest.approx(60 + n * (500 - 60) / 5)) for n in range(6)
    ]


def test_a_goal_lies_after_its_base() -> None:
    with pytest.raises(ValueError, match="does not lie after"):
        straight_path(YearValue(2028, 1), YearValue(2028, 2))


def test_years_on_a_line_go_on_as_they_were() -> None:
    (found,) = forecast(years(10, 12, 14, 16), [2028])
    assert (found.value, found.low, found.high) == pytest.approx((10 + 2 * 5, 20, 20))


def test_the_interval_is_that_of_a_new_observation() -> None:
    # Years −1, 0, 1 around 2024 with 1, 3, 2: slope (2 − 1) / 2, residuals −½, 1, −½, s² = 1.5 / 1.
    (found,) = forecast(years(1, 3, 2), [2026])
    half = T_1 * sqrt(1.5) * sqrt(1 + 1 / 3 + 2**2 / 2)
    assert (found.value, found.low, found.high) == pytest.approx((2 + 0.5 * 2, 3 - half, 3 + half))


def test_the_order_of_the_years_does_not_matter() -> None:
    assert forecast(years(1, 3, 2)[::-1], [2026]) == forecast(years(1, 3, 2), [2026])


def test_two_years_make_no_trend() -> None:
    assert forecast(years(1, 2), [2028]) == []
    assert outlook(years(1, 2), YearValue(2028, 5)) is Outlook.UNKNOWN


def test_a_year_is_observed_once() -> None:
    with pytest.raises(ValueError, match="observed twice"):
        forecast([*years(1, 2, 3), YearValue(2023, 4)], [2028])


@pytest.mark.parametrize(
    ("values", "goal", "expected"),
    [
        ((10, 12, 14, 16), 20, Outlook.LIKELY),
        ((10, 12, 14, 16), 20.1, Outlook.UNLIKELY),
        ((10, 20, 11, 22), 25, Outlook.OPEN),
        ((10, 30, 11, 22), 25, Outlook.REACHED),
    ],
)
def test_outlook(values: tuple[float, ...], goal: float, expected: Outlook) -> None:
    assert outlook(years(*values), YearValue(2028, goal)) is expected


def test_the_interval_of_four_years_has_two_degrees_of_freedom() -> None:
    # Deviations −1.5 … 1.5 with 0, 1, 0, 1: slope 1 / 5, residuals −0.2, 0.6, −0.6, 0.2, s² = 0.8 / 2.
    (found,) = forecast(years(0, 1, 0, 1), [2027])
    half = T_2 * sqrt(0.4) * sqrt(1 + 1 / 4 + 2.5**2 / 5)
    assert (found.value, found.high - found.value) == pytest.approx((0.5 + 0.2 * 2.5, half))
