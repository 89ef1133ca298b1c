"""Quantiles (docs/scoring.md §8b.9)."""

import numpy as np
import pytest

from shared.scoring.sampling.estimates import estimated
from shared.scoring.sampling.estimators import quantiles
from shared.terms.errors import DomainError
from tests.scoring.sampling_builders import sample

ROWS = sample((0, 0, 2, 10), (0, 1, 3, 11), (1, 0, 4, 12), (1, 1, 1, 13))


def test_values_where_the_weight_is_first_reached():
    found = estimated(ROWS, "y", quantiles([0.0, 0.2, 0.21, 0.5, 0.9, 1.0]))
    assert found["term"].to_list() == ["p0", "p20", "p21", "p50", "p90", "p100"]
    assert found["estimate"].to_list() == [10, 10, 11, 11, 12, 13]


def test_marks_on_a_grid_are_spread_over_their_interval():
    found = estimated(ROWS, "y", quantiles([0.1, 0.4, 0.7], width=1))
    assert found["estimate"].to_list() == pytest.approx([9.5 + 1 / 2, 10.5 + 2 / 3, 11.5 + 2 / 4])


def test_replicates_pass_over_marks_that_lost_their_weight():
    # Without unit (0, 0): weights 0, 6, 4, 1, half of it 5.5 in the interval of 11.
    replicate = 10.5 + 5.5 / 6
    # Without (0, 1): 4, 0, 4, 1 with half 4.5; without (1, 0): 2, 3, 0, 2 with 3.5; without (1, 1): 2, 3, 8, 0 with 6.5.
    others = [11.5 + (4.5 - 4) / 4, 10.5 + (3.5 - 2) / 3, 11.5 + (6.5 - 5) / 8]
    center = 10.5 + 3 / 3
    found = estimated(ROWS, "y", quantiles([0.5], width=1)).row(0, named=True)
    assert found["estimate"] == pytest.approx(center)
    assert found["sampling_variance"] == pytest.approx(sum((x - center) ** 2 for x in [replicate, *others]) / 2)


def test_a_probability_beyond_1_is_refused():
    with pytest.raises(DomainError, match=r"scoring\.sample_design_invalid"):
        quantiles([0.5, 50])


def test_groups_and_empty_replicates():
    found = estimated(ROWS.with_columns(sex=np.array(["g", "g", "g", "b"])), "y", quantiles([0.5]), by=["sex"])
    assert found["estimate"].to_list() == [13, 11]
    assert found["empty_replicates"].to_list() == [1, 0]
