"""The grid of marks (docs/scoring.md §1.1)."""

from decimal import Decimal

import numpy as np
import pytest

from shared.scoring.subjects import Subject, total_of
from shared.terms.errors import DomainError


def test_a_mark_is_a_whole_number_of_units():
    subject = Subject("math", full_mark=Decimal(150), step=Decimal("0.5"))
    assert subject.full_units == 150 / 0.5
    assert subject.band_units == 10 / 0.5
    assert subject.marks(np.array([0, 1, 300])).tolist() == [0, 0.5, 150]


def test_thresholds_are_exact_where_binary_floats_are_not():
    # 0.7 · 10 is 7.000000000000001 in floats and 0.29 · 100 is 28.999999999999996.
    ten = Subject("a", full_mark=Decimal(10), step=Decimal(1))
    hundred = Subject("b", full_mark=Decimal(100), step=Decimal(1))
    assert ten.units_reaching(Decimal("0.70")) == 7
    assert hundred.units_reaching(Decimal("0.29")) == 29
    assert hundred.units_reaching(Decimal("0.295")) == 30


def test_marks_of_a_tenth_grid_read_as_their_decimals():
    subject = Subject("a", full_mark=Decimal(10), step=Decimal("0.1"))
    assert subject.marks(np.arange(101)).tolist() == [float(f"{n // 10}.{n % 10}") for n in range(101)]


@pytest.mark.parametrize(
    ("full", "step", "band"),
    [
        ("10", "0.3", "10"),
        ("0", "1", "1"),
        ("10", "-1", "1"),
        ("100", "0.0001", "10"),
        ("10", "0.5", "0.7"),
        ("NaN", "1", "1"),
    ],
)
def test_what_is_no_grid_is_refused(full, step, band):
    with pytest.raises(DomainError) as refused:
        Subject("math", full_mark=Decimal(full), step=Decimal(step), band_width=Decimal(band))
    assert [fault.code for fault in refused.value.faults] == ["scoring.subject_grid"]


def test_the_total_lies_on_the_coarsest_grid_that_holds_every_sum():
    a = Subject("a", full_mark=Decimal(150), step=Decimal("0.5"))
    b = Subject("b", full_mark=Decimal(60), step=Decimal("0.2"), band_width=Decimal(6))
    total = total_of([a, b])
    assert (total.full_mark, total.step, total.band_width) == (150 + 60, Decimal("0.1"), 10 + 6)
    assert total_of([a, b], band_width=Decimal(50)).band_width == 50
