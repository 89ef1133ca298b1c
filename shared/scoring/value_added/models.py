"""Every value-added model of a plan, finished into tables (SCORING §8.1, §8.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from shared.scoring.disclosure import mark_suppressed
from shared.scoring.methods import RANDOM_INTERCEPT
from shared.scoring.plan import AnalysisPlan, ValueAddedModel
from shared.scoring.statistics.base import Z_95
from shared.scoring.summaries.moments import Moments
from shared.scoring.value_added.labels import label_expr
from shared.scoring.value_added.products import (
    ModelProducts,
    NotComputedError,
    NotComputedReason,
    model_products,
)
from shared.scoring.value_added.random_intercept import RandomInterceptFit, fit_random_intercept

COMPUTED = "computed"
NOT_COMPUTED = "not_computed"


@dataclass(frozen=True, slots=True, eq=False)
class FittedModel:
    """One model with what it was fitted from and to; ``fit`` is missing where a reason says why.

    Args:
        model: what was asked for.
        moments: its sufficient statistics, by school.
        products: the same, prepared; missing when the outcome does not vary.
        fit: the estimates.
        reason: why there are none.
    """

    model: ValueAddedModel
    moments: Moments
    products: ModelProducts | None
    fit: RandomInterceptFit | None
    reason: NotComputedReason | None


def fit_models(moments: Mapping[str, Moments], plan: AnalysisPlan) -> tuple[FittedModel, ...]:
    """Fits every model of a plan; one that cannot be fitted carries its reason and stops no other."""
    return tuple(fit_model(model, moments[model.relation], plan) for model in plan.models)


def model_table(fitted: FittedModel) -> pl.DataFrame:
    """One row: what was asked, what was used, the variance components."""
    model, fit, products = fitted.model, fitted.fit, fitted.products
    return pl.DataFrame(
        {
            "model": [model.code],
            "outcome": [model.outcome],
            "intakes": [list(model.intakes)],
            "scale": [model.scale.value],
            "fit_method": [model.method.value],
            "compositional": [model.compositional],
            "status": [COMPUTED if fit else NOT_COMPUTED],
            "reason": [fitted.reason.value if fitted.reason else None],
            "n_candidates": [int(fitted.moments.count.sum())],
            "n_schools": [len(fitted.moments.count)],
            "outcome_mean": [products.outcome_mean if products else None],
            "outcome_sd": [products.outcome_sd if products else None],
            "tau2": [fit.tau2 if fit else None],
            "sigma2": [fit.sigma2 if fit else None],
            "intraclass_correlation": [fit.tau2 / (fit.tau2 + fit.sigma2) if fit else None],
            "log_likelihood": [fit.log_likelihood if fit else None],
            "method": [RANDOM_INTERCEPT.id],
            "method_version": [RANDOM_INTERCEPT.version],
        }
    )


def coefficient_table(fitted: FittedModel) -> pl.DataFrame:
    """One row per fixed effect: estimate, standard error, 95 % interval; empty for a model not computed."""
    if fitted.fit is None or fitted.products is None:
        return pl.DataFrame()
    estimate, se = fitted.fit.coefficients, fitted.fit.coefficient_se
    terms = fitted.products.terms
    return pl.DataFrame(
        {
            "model": [fitted.model.code] * len(terms),
            "position": range(len(terms)),
            "term": terms,
            "estimate": estimate,
            "se": se,
            "ci_low": estimate - Z_95 * se,
            "ci_high": estimate + Z_95 * se,
        }
    )


def school_table(fitted: FittedModel, plan: AnalysisPlan) -> pl.DataFrame:
    """One row per school: shrunken effect, interval, label, reliability; empty for a model not computed."""
    fit = fitted.fit
    if fit is None:
        return pl.DataFrame()
    table = schools_of(fitted, plan).with_columns(
        pl.Series("effect", fit.effects),
        pl.Series("se", fit.effect_se),
        pl.Series("ci_low", fit.effects - Z_95 * fit.effect_se),
        pl.Series("ci_high", fit.effects + Z_95 * fit.effect_se),
        pl.Series("mean_residual", fit.mean_residuals),
        pl.Series("reliability", fit.reliability),
    )
    return table.with_columns(label_expr(tau=float(np.sqrt(fit.tau2)), min_n=plan.label_min_n).alias("label"))


def schools_of(fitted: FittedModel, plan: AnalysisPlan) -> pl.DataFrame:
    """Schools of a model: keys, ``n`` and whether they are withheld from others.

    Shrunken effects of an intercept-and-slopes model, mean residuals and mean changes all add up to 0 over schools, so
    a single withheld school would be their negative sum: it gets company here as in any other table.
    """
    groups = fitted.moments.keys.select(
        pl.lit(fitted.model.code).alias("model"),
        pl.lit("school").alias("level"),
        "county_code",
        "school_code",
        pl.lit(None, pl.String).alias("class_code"),
        pl.Series("n_sat", fitted.moments.count),
        pl.Series("n_registered", fitted.moments.count),
    )
    marked = mark_suppressed(groups, min_n=plan.min_n, by=["model"])
    return marked.select("model", "county_code", "school_code", pl.col("n_sat").alias("n"), "suppressed", "suppression")


def fit_model(model: ValueAddedModel, moments: Moments, plan: AnalysisPlan) -> FittedModel:
    """Fits one model of a plan to the moments of its relation."""
    products = None
    try:
        products = model_products(
            moments,
            steps=[float(plan.subject(code).unit) for code in (model.outcome, *model.intakes)],
            scale=model.scale,
            compositional=model.compositional,
        )
        return FittedModel(model, moments, products, fit_random_intercept(products, model.method), None)
    except NotComputedError as error:
        return FittedModel(model, moments, products, None, error.reason)
