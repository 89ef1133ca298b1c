"""Schools shared out to strata (docs/scoring.md §8b.2)."""

from fractions import Fraction

import polars as pl
import pytest

from shared.scoring.sampling.allocation import allocated_schools, bounded_shares
from shared.scoring.sampling.design import Allocation, SampleDesign
from shared.terms.errors import DomainError
from tests.scoring.sampling_builders import schools

FRAME = pl.concat(
    [schools(*[60] * 10, stratum="a"), schools(*[30] * 10, stratum="b"), schools(*[10] * 10, stratum="c")]
)


def test_proportional_to_pupils_by_largest_remainder():
    # 600 : 300 : 100 of 7 = 4.2, 2.1, 0.7
    assert allocated_schools(FRAME, SampleDesign(7, min_schools=1)) == {"a": 4, "b": 2, "c": 1}


def test_equal_with_the_odd_school_to_the_first():
    assert allocated_schools(FRAME, SampleDesign(7, allocation=Allocation.EQUAL)) == {"a": 3, "b": 2, "c": 2}


def test_neyman_weighs_pupils_with_spread():
    # 600 · 5, 300 · 10, 100 · 30 are equal
    design = SampleDesign(9, allocation=Allocation.NEYMAN, min_schools=1)
    assert allocated_schools(FRAME, design, spread={"a": 5, "b": 10, "c": 30}) == {"a": 3, "b": 3, "c": 3}


@pytest.mark.parametrize("spread", [None, {"a": 1.0}, {"a": 1.0, "b": 1.0, "c": -1.0}])
def test_neyman_needs_every_spread(spread):
    with pytest.raises(DomainError, match=r"scoring\.sample_allocation"):
        allocated_schools(FRAME, SampleDesign(9, allocation=Allocation.NEYMAN), spread=spread)


def test_the_least_and_the_most_per_stratum_hold():
    # With at least 2 in c the other 18 are shared 2 : 1, but a has only 10.
    assert allocated_schools(FRAME, SampleDesign(20)) == {"a": 10, "b": 8, "c": 2}
    assert allocated_schools(FRAME, SampleDesign(30)) == {"a": 10, "b": 10, "c": 10}
    assert allocated_schools(FRAME, SampleDesign(6)) == {"a": 2, "b": 2, "c": 2}


@pytest.mark.parametrize("number", [5, 31])
def test_what_the_bounds_do_not_admit_is_refused(number):
    with pytest.raises(DomainError, match=r"scoring\.sample_allocation"):
        allocated_schools(FRAME, SampleDesign(number))


def test_a_weight_of_nothing_gets_its_least():
    assert bounded_shares(5, [Fraction(0), Fraction(1)], low=[1, 1], high=[9, 9]) == (1, 4)
