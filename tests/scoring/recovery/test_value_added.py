"""Value added finds the effects that a city was made with (docs/scoring.md §8.2, §8.4)."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from shared.scoring.plan import OutcomeScale
from tests.scoring.recovery.conftest import EXAM, SEEDS, fits, seen
from tools.synthetic_city.truth import school_effects


def covered(seed: int) -> pl.DataFrame:
    """Per subject and school whether the 95 % interval holds the true effect, relative to the city.

    A model's effects are deviations from its intercept, which holds the city's own mean effect; so does the truth here.
    """
    truth = school_effects(seen(seed, with_anomalies=False).city).filter(pl.col("exam") == EXAM)
    found = fits(seed, with_anomalies=False, scale=OutcomeScale.RAW).schools
    both = found.with_columns(pl.col("model").str.split("~").list.first().alias("subject")).join(
        truth, on=["subject", "school_code"], validate="1:1"
    )
    weight = pl.col("reliability")
    mean = (pl.col("realized_effect") * weight).sum() / weight.sum()
    return both.with_columns((pl.col("realized_effect") - mean.over("subject")).alias("truth")).with_columns(
        pl.col("truth").is_between("ci_low", "ci_high").alias("holds")
    )


def test_intervals_of_school_effects_hold_the_truth_as_often_as_they_say():
    everywhere = pl.concat(covered(seed) for seed in SEEDS)
    assert everywhere.height == len(SEEDS) * 300 * 9
    assert 0.94 <= everywhere["holds"].mean() <= 0.96
    # Small schools and large ones alike.
    by_size = everywhere.group_by(pl.col("n") > everywhere["n"].median()).agg(pl.col("holds").mean())["holds"]
    assert by_size.min() >= 0.93
    assert by_size.max() <= 0.97


def test_in_each_city_most_intervals_hold_the_truth(seed):
    assert 0.93 <= covered(seed)["holds"].mean() <= 0.97


def test_estimates_go_with_the_truth_and_shrink_what_is_unsure(seed):
    both = covered(seed).filter(pl.col("subject") == "math")
    assert np.corrcoef(both["effect"], both["truth"])[0, 1] > 0.93
    assert both["effect"].std() < both["truth"].std()


def test_parameters_of_the_model_are_recovered(seed):
    city = seen(seed, with_anomalies=False).city
    model = city.settings.marks
    fitted_models = fits(seed, with_anomalies=False, scale=OutcomeScale.RAW).fitted
    for position, (fitted, subject) in enumerate(zip(fitted_models, city.settings.subjects, strict=True)):
        full = float(subject.full_mark)
        within = np.hypot(model.residual_sd, model.class_sd)
        # Marks cut off at 0 and at the full mark, and the grid, move the slope by less than 1 %.
        assert fitted.fit.coefficients[1] == pytest.approx(model.slope, rel=0.015)
        assert np.sqrt(fitted.fit.sigma2) / full == pytest.approx(within, rel=0.02)
        drawn = city.effects.schools[-1, position]
        assert np.sqrt(fitted.fit.tau2) / full == pytest.approx(drawn.std(), rel=0.08)


def test_effects_do_not_follow_poverty_or_intake(seed):
    city = seen(seed, with_anomalies=False).city
    effect = pl.DataFrame({"school_code": city.schools["school_code"], "poverty": city.schools["poverty_rate"]})
    both = covered(seed).filter(pl.col("subject") == "math").join(effect, on="school_code")
    assert abs(np.corrcoef(both["effect"], both["poverty"])[0, 1]) < 0.2
    level = pl.DataFrame({"school_code": city.schools["school_code"], "level": city.effects.entry_level})
    raw = (
        seen(seed, with_anomalies=False)
        .marks.group_by("school_code")
        .agg(pl.col("math").mean())
        .join(level, on="school_code")
    )
    # Raw means do: that is why they judge no school.
    assert np.corrcoef(raw["math"], raw["level"])[0, 1] > 0.4
