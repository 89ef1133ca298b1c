"""The five-step label (docs/scoring.md §8.2, §8.9)."""

import polars as pl
import pytest

from shared.scoring.value_added.labels import label_expr


def label(effect, margin, *, tau=2.0, n=30, min_n=10):
    frame = pl.DataFrame({"n": [n], "effect": [effect], "ci_low": [effect - margin], "ci_high": [effect + margin]})
    return frame.select(label_expr(tau=tau, min_n=min_n)).item()


@pytest.mark.parametrize(
    ("effect", "margin", "expected"),
    [
        (3.0, 1.0, "well_above"),
        (0.5, 0.25, "above"),
        (0.5, 1.0, "as_expected"),
        (-0.5, 1.0, "as_expected"),
        (-0.5, 0.25, "below"),
        (-3.0, 1.0, "well_below"),
    ],
)
def test_an_interval_clear_of_zero_and_half_a_tau_make_the_label(effect, margin, expected):
    assert label(effect, margin) == expected


@pytest.mark.parametrize(
    ("effect", "margin", "expected"),
    [(0.5, 0.5, "above"), (-0.5, 0.5, "as_expected"), (1.0, 0.5, "well_above"), (-1.0, 0.5, "below")],
)
def test_ties_go_to_the_better_label(effect, margin, expected):
    assert label(effect, margin) == expected


def test_too_few_candidates_are_never_labeled():
    assert label(3.0, 1.0, n=9) is None
    assert label(3.0, 1.0, n=10) == "well_above"


def test_without_variance_between_schools_all_are_as_expected():
    assert label(0.0, 0.0, tau=0.0) == "as_expected"
