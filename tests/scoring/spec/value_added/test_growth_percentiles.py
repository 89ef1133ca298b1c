"""Student growth percentiles (docs/scoring.md §8.5)."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from shared.scoring.subjects import Subject
from shared.scoring.summaries.growth_cells import GrowthCells, gather_growth_cells
from shared.scoring.value_added.growth_percentiles import TAUS, growth_curves, growth_percentiles
from shared.scoring.value_added.growth_schools import mean_growth, median_growth, medians
from shared.scoring.value_added.products import NotComputedError

ENTRY = Subject("entry", full_mark=Decimal(100), step=Decimal(1))
EXIT = Subject("exit", full_mark=Decimal(200), step=Decimal(1))


def cells(rows, priors=(ENTRY,)) -> GrowthCells:
    """Growth cells of (school, priors …, outcome) in grid units."""
    columns = ["school_code", *(prior.code for prior in priors), "exit"]
    frame = pl.DataFrame(rows, schema=columns, orient="row").with_columns(pl.lit("k").alias("county_code"))
    return gather_growth_cells(frame, priors, EXIT)


def percentile(found, **marks):
    return found.filter(**marks)["growth_percentile"].item()


def test_with_a_useless_prior_it_is_the_percentile_of_the_outcome():
    """Outcomes 0 … 199, once each; the k-th quantile curve is a constant near 2k − 1, so 2m lies above m of them."""
    found = growth_percentiles(cells([("s", 50, mark) for mark in range(200)]))
    assert percentile(found, exit=0) == 1
    assert percentile(found, exit=199) == 99
    assert found["growth_percentile"].to_list() == pytest.approx([mark / 2 for mark in range(200)], abs=1)


def test_like_is_compared_with_like():
    """Two levels of intake a hundred marks apart: the best of the weak stands where the best of the strong stands."""
    rows = [("s", prior, base + mark) for prior, base in ((10, 0), (90, 100)) for mark in range(100)]
    found = growth_percentiles(cells(rows))
    weak = found.filter(entry=10)["growth_percentile"].to_list()
    strong = found.filter(entry=90)["growth_percentile"].to_list()
    assert weak == pytest.approx(strong, abs=1)
    assert weak == pytest.approx(list(range(100)), abs=1)
    assert np.bincount(weak).max() <= 2


def test_quantiles_never_cross():
    random = np.random.default_rng(3)
    entry = random.integers(0, 100, 300)
    exits = np.clip(entry + random.integers(-60, 100, 300), 0, 200)
    curves = growth_curves(cells([("s", a, b) for a, b in zip(entry.tolist(), exits.tolist(), strict=True)]))
    quantiles = curves.predict(np.arange(0.0, 101.0)[:, None])
    assert (np.diff(quantiles, axis=1) >= 0).all()
    assert len(TAUS) == 100
    assert (TAUS[0], TAUS[-1]) == (0.005, 0.995)


def test_a_baseline_cohort_can_be_the_yardstick():
    """The same priors with twenty marks more: percentiles of this year under the curves of last year rise."""
    base = [("s", prior, prior + mark) for prior in (20, 40, 60, 80) for mark in range(50)]
    curves = growth_curves(cells(base))
    later = cells([(school, prior, mark + 20) for school, prior, mark in base])
    assert growth_percentiles(later)["growth_percentile"].mean() == pytest.approx(50, abs=1)
    assert growth_percentiles(later, curves)["growth_percentile"].mean() > 80


def test_several_priors_and_one_that_tells_nothing():
    random = np.random.default_rng(4)
    first, second = random.integers(0, 100, 400), random.integers(0, 100, 400)
    exits = (first + second) // 2 + random.integers(0, 100, 400)
    other, flat = (Subject(code, full_mark=Decimal(100), step=Decimal(1)) for code in ("other", "flat"))
    rows = [("s", a, b, 7, y) for a, b, y in zip(first.tolist(), second.tolist(), exits.tolist(), strict=True)]
    found = growth_percentiles(cells(rows, (ENTRY, other, flat)))
    share = np.array(found["growth_percentile"].to_list())
    assert share.mean() == pytest.approx(50, abs=2)
    noise = (found["exit"] - (found["entry"] + found["other"]) // 2).to_numpy()
    assert np.corrcoef(noise, share)[0, 1] > 0.95


def test_too_few_and_no_variation_say_why():
    for rows, reason in (
        ([("s", 1, mark) for mark in range(99)], "few_candidates"),
        ([("s", mark, 5) for mark in range(100)], "no_outcome_variance"),
    ):
        with pytest.raises(NotComputedError) as refused:
            growth_curves(cells(rows))
        assert refused.value.reason.value == reason


def school_medians(*percentiles):
    counts = pl.DataFrame({"county_code": "k", "school_code": "s", "count": [1] * len(percentiles)})
    return medians(counts, np.array(percentiles)).row(0, named=True)


def test_median_and_its_binomial_interval():
    """Nine in order: P(X < 2) = (1 + 9)/512 ≤ 0.025 < P(X < 3), so from the 2nd lowest to the 2nd highest."""
    found = school_medians(90, 10, 20, 30, 40, 50, 60, 70, 80)
    assert (found["n"], found["value"], found["ci_low"], found["ci_high"]) == (9, 50, 20, 80)
    assert found["se"] == pytest.approx((80 - 20) / (2 * 1.959964), rel=1e-6)
    assert found["reference"] == 50


def test_an_even_number_takes_the_mean_of_the_middle_two():
    assert school_medians(10, 20, 31, 99)["value"] == (20 + 31) / 2


def test_below_six_there_is_no_interval():
    five = school_medians(1, 2, 3, 4, 5)
    assert (five["se"], five["ci_low"], five["ci_high"]) == (None, None, None)
    six = school_medians(1, 2, 3, 4, 5, 9)
    assert (six["ci_low"], six["ci_high"]) == (1, 9)


def test_school_median_and_mean_follow_the_percentiles():
    """School a holds the upper half of every intake, b the lower."""
    rows = [("a" if mark >= 50 else "b", prior, prior + mark) for prior in (20, 40, 60, 80) for mark in range(100)]
    found = cells(rows)
    median, mean = median_growth(found), mean_growth(found)
    assert median["value"].to_list() == pytest.approx([75, 25], abs=1)
    assert mean["value"].to_list() == pytest.approx([75, 25], abs=1)
    # Fifty consecutive whole numbers four times: sd² = (50² − 1)/12 · 200/199.
    assert mean["se"].to_list() == pytest.approx([np.sqrt(2499 / 12 / 199)] * 2, rel=0.03)
