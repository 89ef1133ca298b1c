"""Quality bands judge the printed figure (docs/scoring.md §7.7)."""

import pytest

from shared.scoring.items.quality import DIFFICULTY, DISCRIMINATION, RELIABILITY


@pytest.mark.parametrize(
    ("value", "band"),
    [
        (1, "easy"),
        (0.86, "easy"),
        (0.855, "easy"),
        (0.8549, "fairly_easy"),
        (0.725, "fairly_easy"),
        (0.72, "medium"),
        (0.38, "medium"),
        (0.3749, "fairly_hard"),
        (0.15, "fairly_hard"),
        (0.144, "hard"),
        (0, "hard"),
    ],
)
def test_difficulty(value, band):
    assert DIFFICULTY.band(value) == band


@pytest.mark.parametrize(
    ("value", "band"), [(0.4, "very_good"), (0.39, "good"), (0.29, "fair"), (0.19, "poor"), (-0.3, "poor")]
)
def test_discrimination(value, band):
    assert DISCRIMINATION.band(value) == band


@pytest.mark.parametrize(("value", "band"), [(0.9, "high_stakes"), (0.89, "good"), (0.7, "usable"), (0.69, "low")])
def test_reliability(value, band):
    assert RELIABILITY.band(value) == band
