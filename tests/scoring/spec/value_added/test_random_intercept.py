"""The random-intercept model against the formulas written out with whole matrices (docs/scoring.md §8.1)."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.optimize import minimize_scalar

from shared.scoring.plan import FitMethod, OutcomeScale
from shared.scoring.summaries.moments import gather_moments
from shared.scoring.value_added.products import NotComputedError, model_products
from shared.scoring.value_added.random_intercept import fit_random_intercept

STEPS = (0.5, 1.0, 0.5)


def pupils(schools=8, each=9, *, tau=2.0, seed=1):
    """Marks in grid units with an effect per school; school sizes differ."""
    random = np.random.default_rng(seed)
    school = np.concatenate([np.full(each + j, j) for j in range(schools)])
    first = random.integers(20, 80, len(school))
    second = first // 2 + random.integers(0, 30, len(school))
    effect = random.normal(0, tau, schools)[school]
    outcome = np.rint(20 + first + 0.5 * second + 4 * effect + random.normal(0, 8, len(school))).astype(int)
    return pl.DataFrame({"school": [f"s{j:02d}" for j in school], "y": outcome, "a": first, "b": second})


def fit(frame, *, columns=("y", "a", "b"), method=FitMethod.REML, steps=STEPS, **options):
    moments = gather_moments(frame, keys=["school"], columns=columns)
    return fit_random_intercept(model_products(moments, steps=steps[: len(columns)], **options), method)


def dense(y, x, school, method):
    """The same model by brute force: covariance matrix, inverse, determinant, a search over θ."""
    z = (school[:, None] == np.unique(school)[None, :]).astype(float)
    n, p = x.shape

    def deviance(log_theta):
        v = np.eye(n) + np.exp(log_theta) * z @ z.T
        inverse = np.linalg.inv(v)
        information = x.T @ inverse @ x
        beta = np.linalg.solve(information, x.T @ inverse @ y)
        rss = (y - x @ beta) @ inverse @ (y - x @ beta)
        freedom = n - p if method is FitMethod.REML else n
        value = freedom * np.log(2 * np.pi * rss / freedom) + np.linalg.slogdet(v)[1] + freedom
        if method is FitMethod.REML:
            value += np.linalg.slogdet(information)[1]
        return value, beta, np.linalg.inv(information) * rss / freedom, rss / freedom, inverse

    best = minimize_scalar(lambda t: deviance(t)[0], bounds=(-8, 6), method="bounded", options={"xatol": 1e-10}).x
    value, beta, covariance, sigma2, inverse = deviance(best)
    effects = np.exp(best) * z.T @ inverse @ (y - x @ beta)
    return -value / 2, beta, np.sqrt(np.diag(covariance)), np.exp(best) * sigma2, sigma2, effects


@pytest.mark.parametrize("method", list(FitMethod))
def test_estimates_are_those_of_the_whole_matrices(method):
    frame = pupils()
    x = np.column_stack([np.ones(frame.height), frame["a"] * STEPS[1], frame["b"] * STEPS[2]])
    expected = dense(frame["y"].to_numpy() * STEPS[0], x, frame["school"].to_numpy(), method)
    found = fit(frame, method=method)
    assert found.log_likelihood == pytest.approx(expected[0], rel=1e-12)
    assert found.coefficients == pytest.approx(expected[1], rel=1e-7)
    assert found.coefficient_se == pytest.approx(expected[2], rel=1e-6)
    assert found.tau2 == pytest.approx(expected[3], rel=1e-5)
    assert found.sigma2 == pytest.approx(expected[4], rel=1e-6)
    assert found.effects == pytest.approx(expected[5], rel=1e-5)


def test_effects_are_shrunken_mean_residuals():
    frame = pupils()
    found = fit(frame)
    n = frame.group_by("school").len().sort("school")["len"].to_numpy()
    assert found.reliability == pytest.approx(found.tau2 / (found.tau2 + found.sigma2 / n))
    assert found.effects == pytest.approx(found.reliability * found.mean_residuals)
    assert found.effect_se == pytest.approx(np.sqrt(found.tau2 / (1 + n * found.tau2 / found.sigma2)))
    assert found.effects.sum() == pytest.approx(0, abs=1e-9)


def test_on_the_t_scale_everything_is_ten_over_the_standard_deviation_as_large():
    frame = pupils()
    raw, t = fit(frame), fit(frame, scale=OutcomeScale.T)
    marks = frame["y"].to_numpy() * STEPS[0]
    factor = 10 / marks.std()
    assert t.effects == pytest.approx(factor * raw.effects)
    assert t.coefficients[1:] == pytest.approx(factor * raw.coefficients[1:])
    assert t.coefficients[0] == pytest.approx(50 + factor * (raw.coefficients[0] - marks.mean()))
    assert t.tau2 == pytest.approx(factor**2 * raw.tau2)


def test_school_mean_intake_is_a_covariate_like_any_other():
    frame = pupils()
    explicit = frame.with_columns(pl.col("y", "a").cast(pl.Float64), pl.col("a").mean().over("school").alias("mean_a"))
    expected = fit(explicit, columns=("y", "a", "mean_a"), steps=(0.5, 1.0, 1.0))
    found = fit(frame, columns=("y", "a"), compositional=True)
    assert found.coefficients == pytest.approx(expected.coefficients, rel=1e-7)
    assert found.coefficient_se == pytest.approx(expected.coefficient_se, rel=1e-7)
    assert found.effects == pytest.approx(expected.effects, rel=1e-6)
    assert found.log_likelihood == pytest.approx(expected.log_likelihood, rel=1e-12)


def test_schools_that_do_not_differ_have_no_variance_and_no_effects():
    frame = pl.DataFrame({"school": ["p", "q", "r"] * 4, "y": [1, 1, 1, 3, 3, 3, 5, 5, 5, 7, 7, 7], "a": [4, 5, 6] * 4})
    found = fit(frame.with_columns(pl.Series("a", [1, 1, 1, 2, 2, 2, 4, 4, 4, 3, 3, 3])), columns=("y", "a"))
    assert found.tau2 == 0
    assert set(found.effects) == {0.0}
    assert set(found.effect_se) == {0.0}


def reason(frame, columns=("y", "a", "b"), **options):
    with pytest.raises(NotComputedError) as refused:
        fit(frame, columns=columns, **options)
    return refused.value.reason.value


def test_what_cannot_be_estimated_says_why():
    frame = pupils()
    assert reason(frame.filter(pl.col("school") < "s02")) == "few_schools"
    assert reason(frame.clear()) == "no_outcome_variance"
    assert reason(frame.group_by("school").first()) == "few_candidates"
    assert reason(frame.group_by("school").head(2).head(3)) in {"few_schools", "few_candidates"}
    assert reason(frame.with_columns(pl.lit(7).alias("y"))) == "no_outcome_variance"
    assert reason(frame.with_columns(pl.lit(7).alias("a"))) == "singular_design"
    assert reason(frame.with_columns((3 * pl.col("a") + 1).alias("b"))) == "singular_design"
    assert reason(frame.with_columns((2 * pl.col("a")).alias("y"))) == "no_residual_variance"
    same_intake = frame.with_columns((pl.int_range(pl.len()).over("school") % 3).alias("a"))
    equal = same_intake.filter(pl.int_range(pl.len()).over("school") < 9)
    assert reason(equal, columns=("y", "a"), compositional=True) == "singular_design"
