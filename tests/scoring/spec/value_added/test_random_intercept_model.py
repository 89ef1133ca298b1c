"""The random-intercept model of any table: its columns, and hard input (docs/scoring.md §8.1)."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from shared.scoring.plan import FitMethod
from shared.scoring.summaries.moments import gather_moments
from shared.scoring.value_added.factors import Factor, with_factor_columns
from shared.scoring.value_added.products import NotComputedError, model_products
from shared.scoring.value_added.random_intercept import fit_random_intercept
from shared.scoring.value_added.random_intercept_model import random_intercept_model
from shared.terms.errors import DomainError


def pupils(sizes=(5, 9, 12, 7, 30, 8), *, tau=3.0, seed=1):
    """Pupils of schools of the given sizes."""
    random = np.random.default_rng(seed)
    school = np.repeat(np.arange(len(sizes)), sizes)
    prior = random.integers(20, 80, len(school))
    sex = random.choice(["boy", "girl"], len(school))
    effect = random.normal(0, tau, len(sizes))[school]
    outcome = 20 + prior // 2 + 3 * (sex == "girl") + np.rint(effect + random.normal(0, 5, len(school))).astype(int)
    return pl.DataFrame({"school": [f"s{j:02d}" for j in school], "y": outcome, "prior": prior, "sex": sex})


def model(frame, covariates=("prior",), **options):
    return random_intercept_model(frame, "y", "school", covariates=covariates, **options)


@pytest.mark.parametrize("method", list(FitMethod))
def test_it_is_the_model_of_the_merged_moments(method):
    """Null model, covariate, declared factor, school mean: the rows' way and the moments' way agree."""
    sex = Factor("sex", ("boy", "girl"))
    frame = pupils()
    coded = with_factor_columns(frame, [sex])
    cases = [((), (), False), (("prior",), (), False), (("prior",), (sex,), False), (("prior",), (), True)]
    for covariates, factors, compositional in cases:
        columns = ["y", *covariates, *(term for factor in factors for term in factor.terms)]
        moments = gather_moments(coded, keys=["school"], columns=columns)
        products = model_products(moments, steps=[1.0] * len(columns), compositional=compositional)
        expected = fit_random_intercept(products, method)
        means = covariates if compositional else ()
        found = model(frame, covariates, factors=factors, group_means=means, method=method).fit
        for name in ("coefficients", "coefficient_se", "effects", "effect_se", "mean_residuals", "reliability"):
            assert getattr(found, name) == pytest.approx(getattr(expected, name), rel=1e-7), name
        assert found.deviance == pytest.approx(expected.deviance, rel=1e-12)
        assert found.intraclass_correlation == pytest.approx(expected.intraclass_correlation, rel=1e-7)
        assert found.variance_errors.tau2 == pytest.approx(expected.variance_errors.tau2, rel=1e-6, nan_ok=True)


def test_frames_name_terms_and_groups():
    found = model(pupils(), factors=[Factor("sex")], group_means=["prior"])
    assert found.coefficient_frame()["term"].to_list() == ["intercept", "prior", "sex[girl]", "group_mean(prior)"]
    assert found.variance_frame()["term"].to_list() == ["tau2", "sigma2", "intraclass_correlation"]
    groups = found.group_frame()
    assert groups["group"].to_list() == [f"s{j:02d}" for j in range(6)]
    assert groups["n"].to_list() == [5, 9, 12, 7, 30, 8]
    middle = (groups["ci_low"] + groups["ci_high"]) / 2
    assert middle.to_list() == pytest.approx(groups["estimate"].to_list())


def test_another_reference_level_moves_the_intercept_only():
    first = model(pupils(), factors=[Factor("sex", ("boy", "girl"))]).fit
    second = model(pupils(), factors=[Factor("sex", ("girl", "boy"))]).fit
    assert second.coefficients[2] == pytest.approx(-first.coefficients[2])
    assert second.coefficients[0] == pytest.approx(first.coefficients[0] + first.coefficients[2])
    assert second.effects == pytest.approx(first.effects)
    assert second.deviance == pytest.approx(first.deviance, rel=1e-12)


def test_offsets_of_a_million_change_nothing():
    frame = pupils().with_columns(pl.col("y", "prior").cast(pl.Float64))
    far = frame.with_columns(pl.col("y") + 1e6, pl.col("prior") * 1e-3 + 1e6)
    near, found = model(frame, group_means=["prior"]).fit, model(far, group_means=["prior"]).fit
    assert found.tau2 == pytest.approx(near.tau2, rel=1e-6)
    assert found.sigma2 == pytest.approx(near.sigma2, rel=1e-8)
    assert found.effects == pytest.approx(near.effects, rel=1e-5)
    assert found.coefficients[1] == pytest.approx(1e3 * near.coefficients[1], rel=1e-6)


def test_tiny_and_huge_scales_change_nothing_but_the_scale():
    frame = pupils()
    for factor in (1e-9, 1e9):
        found = model(frame.with_columns(pl.col("y") * factor)).fit
        assert found.tau2 == pytest.approx(factor**2 * model(frame).fit.tau2, rel=1e-9)


def test_schools_that_differ_a_hundred_million_times_more_than_pupils():
    """τ²/σ² of about 10¹⁶: the variance within is still that of the rows."""
    frame = pupils(tau=0.0).with_columns(pl.col("y").cast(pl.Float64))
    place = pl.col("school").str.slice(1).cast(pl.Float64)
    found = model(frame.with_columns(pl.col("y") + 1e6 * place**2), ()).fit
    within = frame.select((pl.col("y") - pl.col("y").mean().over("school")).pow(2).sum()).item()
    assert found.sigma2 == pytest.approx(within / (71 - 6), rel=1e-4)
    assert found.reliability == pytest.approx(np.ones(6), abs=1e-8)


def test_nearly_dependent_covariates_keep_their_sum():
    frame = pupils().with_columns(pl.col("prior").cast(pl.Float64))
    random = np.random.default_rng(5)
    twin = frame.with_columns((pl.col("prior") + pl.Series(random.normal(0, 1e-6, frame.height))).alias("twin"))
    found = model(twin, ("prior", "twin")).fit
    alone = model(twin, ("prior",)).fit
    assert found.coefficients[1:].sum() == pytest.approx(alone.coefficients[1], abs=3 * alone.coefficient_se[1])
    assert np.isfinite(found.coefficient_se).all()


def test_one_huge_school_and_schools_of_one():
    found = model(pupils((5000, 1, 1, 1, 2, 1, 1)))
    assert np.isfinite(found.fit.effect_se).all()
    assert found.fit.reliability[0] >= found.fit.reliability[4] >= found.fit.reliability[1]
    assert found.fit.effects[0] == pytest.approx(found.fit.mean_residuals[0] * found.fit.reliability[0])


def test_rows_with_something_missing_are_left_out_and_counted():
    frame = pupils()
    holed = pl.concat([frame, frame.head(3).with_columns(pl.lit(None, pl.Int64).alias("prior"))])
    found = model(holed)
    assert found.left_out == 3
    assert found.fit.effects == pytest.approx(model(frame).fit.effects)


def refusal(frame, covariates=("prior",), **options):
    with pytest.raises(NotComputedError) as refused:
        model(frame, covariates, **options)
    return refused.value.reason.value


def test_what_cannot_be_estimated_says_why():
    frame = pupils()
    school_of_boys = Factor("school", tuple(frame["school"].unique().sort()))
    assert refusal(frame.clear()) == "no_outcome_variance"
    assert refusal(frame.with_columns(pl.lit(7.1).alias("y"))) == "no_outcome_variance"
    assert refusal(frame.head(2)) == "few_candidates"
    assert refusal(frame.filter(pl.col("school") < "s02")) == "few_schools"
    assert refusal(frame.unique("school")) == "few_candidates"
    assert refusal(frame.with_columns(pl.lit(0.1).alias("prior"))) == "singular_design"
    assert refusal(frame.with_columns((pl.col("prior") * 3 + 0.1).alias("b")), ("prior", "b")) == "singular_design"
    assert refusal(frame, group_means=["prior"], factors=[school_of_boys]) == "singular_design"
    assert refusal(frame.with_columns((pl.col("prior") * 0.3 + 2).alias("y"))) == "no_residual_variance"
    constant_inside = frame.with_columns(pl.col("school").str.slice(1).cast(pl.Int64).pow(2).alias("y"))
    assert refusal(constant_inside, ()) == "no_residual_variance"


def faults(call):
    with pytest.raises(DomainError) as refused:
        call()
    return [(fault.code, fault.column) for fault in refused.value.faults]


def test_what_is_no_number_is_refused():
    frame = pupils().with_columns(pl.lit(float("nan")).alias("prior"))
    assert faults(lambda: model(frame, ("prior", "sex", "none"))) == [
        ("scoring.column_missing", "none"),
        ("scoring.value_not_finite", "prior"),
        ("scoring.value_not_finite", "sex"),
    ]


def test_a_level_that_was_not_declared_is_refused():
    assert faults(lambda: model(pupils(), factors=[Factor("sex", ("boy", "unknown"))])) == [
        ("scoring.factor_level_unknown", "sex")
    ]
