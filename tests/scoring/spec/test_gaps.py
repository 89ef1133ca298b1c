"""Gap of a group to the group that holds it (SCORING §2.7)."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from shared.scoring.gaps import MeanOf, RateOf, mean_gap, rate_gap, rate_gaps
from shared.scoring.statistics.rates import wilson_interval

MARKS = np.array([40.0, 55, 61, 72, 90, 48, 66, 79, 83, 95, 30])
OWN, REST = MARKS[:4], MARKS[4:]


def of(marks: np.ndarray) -> MeanOf:
    return MeanOf(len(marks), float(marks.mean()), float(marks.std(ddof=1)) if len(marks) > 1 else None)


def test_mean_gap_is_the_part_outside_times_the_difference_to_the_rest() -> None:
    gap = mean_gap(of(OWN), of(MARKS))
    assert gap is not None
    assert gap.value == pytest.approx(7 / 11 * (OWN.mean() - REST.mean()))
    assert gap.se == pytest.approx(7 / 11 * math.sqrt(OWN.var(ddof=1) / 4 + REST.var(ddof=1) / 7))


def test_mean_gap_has_welchs_interval() -> None:
    gap, welch = mean_gap(of(OWN), of(MARKS)), stats.ttest_ind(OWN, REST, equal_var=False).confidence_interval()
    assert gap is not None
    assert gap.ci == pytest.approx((7 / 11 * welch.low, 7 / 11 * welch.high))
    assert not gap.is_beyond_chance


def test_mean_gap_beyond_chance() -> None:
    gap = mean_gap(MeanOf(100, 80.0, 10.0), MeanOf(1_000, 70.0, 10.0))
    assert gap is not None
    assert gap.value == 10
    assert gap.is_beyond_chance


def test_mean_gap_of_equal_marks_is_exact() -> None:
    gap = mean_gap(MeanOf(2, 50.0, 0.0), MeanOf(4, 50.0, 0.0))
    assert gap is not None
    assert (gap.value, gap.se, gap.ci) == (0, 0, (0, 0))
    assert not gap.is_beyond_chance


def test_mean_gap_without_precision() -> None:
    alone, one_left = mean_gap(of(MARKS[:1]), of(MARKS)), mean_gap(of(MARKS[:10]), of(MARKS))
    assert alone is not None
    assert one_left is not None
    assert alone.ci is None
    assert one_left.ci is None
    assert not alone.is_beyond_chance


@pytest.mark.parametrize("group", [MeanOf(0, 0.0, None), of(MARKS)])
def test_no_mean_gap_of_nobody_or_of_the_whole(group: MeanOf) -> None:
    assert mean_gap(group, of(MARKS)) is None


def test_rate_gap_has_newcombes_interval() -> None:
    gap = rate_gap(RateOf(10, 0.2), RateOf(50, 0.4))
    assert gap is not None
    p, q, outside = 0.2, 18 / 40, 40 / 50
    low, high = wilson_interval(np.array([2, 18]), np.array([10, 40]))
    assert gap.value == pytest.approx(-0.2)
    assert gap.ci == pytest.approx(
        (
            outside * (p - q - math.hypot(p - low[0], high[1] - q)),
            outside * (p - q + math.hypot(high[0] - p, q - low[1])),
        )
    )


def test_rate_gap_of_none_and_all_still_has_a_width() -> None:
    gap = rate_gap(RateOf(5, 0.0), RateOf(10, 0.5))
    assert gap is not None
    assert gap.se == 0
    assert gap.ci is not None
    assert gap.ci[0] < gap.ci[1]


@pytest.mark.parametrize("group", [RateOf(0, 0.0), RateOf(50, 0.4)])
def test_no_rate_gap_of_nobody_or_of_the_whole(group: RateOf) -> None:
    assert rate_gap(group, RateOf(50, 0.4)) is None


@given(st.lists(st.integers(0, 100), min_size=4, max_size=30), st.integers(2, 28))
def test_group_and_rest_are_on_opposite_sides_of_the_whole(marks: list[int], cut: int) -> None:
    values = np.array(marks, float)
    cut = min(cut, len(values) - 2)
    own, rest = mean_gap(of(values[:cut]), of(values)), mean_gap(of(values[cut:]), of(values))
    assert own is not None
    assert rest is not None
    assert own.value * cut == pytest.approx(-rest.value * (len(values) - cut), abs=1e-9)


def test_many_gaps_at_once_are_the_gaps_one_by_one() -> None:
    count, n = np.array([2, 0, 7, 30, 0]), np.array([10, 5, 7, 60, 0])
    whole_count, whole_n = np.array([20, 12, 30, 30, 5]), np.array([50, 40, 60, 60, 9])
    gaps = rate_gaps(count, whole_count, n, whole_n)
    for place in range(3):
        own = RateOf(int(n[place]), count[place] / n[place])
        one = rate_gap(own, RateOf(int(whole_n[place]), whole_count[place] / whole_n[place]))
        assert one is not None
        assert (gaps.value[place], gaps.se[place]) == pytest.approx((one.value, one.se))
        assert (gaps.low[place], gaps.high[place]) == pytest.approx(one.ci)
    assert np.isnan(gaps.value[3:]).all()
    assert np.isnan(gaps.low[3:]).all()
