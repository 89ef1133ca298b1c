"""Rates (docs/scoring.md §8b.9)."""

import pytest

from shared.scoring.sampling.estimates import estimated
from shared.scoring.sampling.estimators import rate
from tests.scoring.sampling_builders import sample

ROWS = sample((0, 0, 2, 59.5), (0, 1, 3, 60), (1, 0, 4, 85), (1, 1, 1, 40))


@pytest.mark.parametrize(
    ("bounds", "weight"),
    [({"at_least": 60}, 3 + 4), ({"below": 60}, 2 + 1), ({"at_least": 60, "below": 85}, 3), ({}, 10)],
)
def test_a_rate_takes_its_lower_bound_and_not_its_upper(bounds, weight):
    found = estimated(ROWS, "y", rate("pass", **bounds)).row(0, named=True)
    assert found["term"] == "pass_rate"
    assert found["estimate"] == pytest.approx(weight / 10)


def test_the_interval_stays_between_0_and_1():
    found = estimated(ROWS, "y", rate("pass", at_least=60)).row(0, named=True)
    assert 0 < found["ci_low"] < found["estimate"] < found["ci_high"] < 1
    everyone = estimated(ROWS, "y", rate("any", at_least=0)).row(0, named=True)
    assert (everyone["estimate"], everyone["se"], everyone["ci_low"]) == (1, 0, None)
