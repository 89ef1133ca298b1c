"""Value added of classes: the model of the schools with classes in their place (SCORING §8.10).

What a class's pupils reached beyond what their intake lets expect: the mean residual with its sampling error, and the
shrunken effect. Only sums of classes are used, no pupil's residual is made. ``expected`` is the mean that intake alone
predicts, on the scale of the outcome: what classes were made up of, for the composition check (§8.8).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from shared.scoring.disclosure import mark_suppressed
from shared.scoring.frame import MarkSheet
from shared.scoring.levels import LEVEL_KEYS
from shared.scoring.plan import AnalysisPlan, ValueAddedModel
from shared.scoring.statistics.base import Z_95
from shared.scoring.summaries.moments import gather_moments
from shared.scoring.value_added.labels import label_expr
from shared.scoring.value_added.models import fit_model
from shared.terms.organization import OrgLevel

_CLASS = LEVEL_KEYS[OrgLevel.CLASS]
_NUMBERS = ("mean_residual", "se", "expected", "effect", "effect_se", "ci_low", "ci_high", "reliability")
CLASS_EFFECT_SCHEMA: dict[str, pl.DataType] = {
    "model": pl.String(),
    **dict.fromkeys(_CLASS, pl.String()),
    "suppressed": pl.Boolean(),
    "suppression": pl.String(),
    "n": pl.Int64(),
    **dict.fromkeys(_NUMBERS, pl.Float64()),
    "label": pl.String(),
}


def class_effects(sheet: MarkSheet, model: ValueAddedModel, plan: AnalysisPlan) -> pl.DataFrame:
    """One row per class with candidates who have the outcome and every intake.

    Args:
        sheet: the checked sheet, in grid units.
        model: a model of the plan.
        plan: what is asked for.

    Returns:
        ``CLASS_EFFECT_SCHEMA`` by class: ``mean_residual`` is not shrunken and has the sampling error ``se`` = σ/√n with σ²
        the variance within classes; ``effect`` is, with its conditional error, interval and label as for schools (§8.2).
        Empty where the model cannot be fitted to classes.
    """
    columns = (model.outcome, *model.intakes)
    present = pl.all_horizontal(pl.col(column) >= 0 for column in columns)
    complete = sheet.frame.lazy().filter(present).select(*_CLASS, *columns).collect()
    if complete.is_empty():
        return pl.DataFrame(schema=CLASS_EFFECT_SCHEMA)
    fitted = fit_model(model, gather_moments(complete, keys=_CLASS, columns=columns), plan)
    fit, products = fitted.fit, fitted.products
    if fit is None or products is None:
        return pl.DataFrame(schema=CLASS_EFFECT_SCHEMA)
    mean = products.school_means()[:, -1] + products.outcome_center
    figures = {
        "mean_residual": fit.mean_residuals,
        "se": np.sqrt(fit.sigma2 / products.count),
        "expected": mean - fit.mean_residuals,
        "effect": fit.effects,
        "effect_se": fit.effect_se,
        "ci_low": fit.effects - Z_95 * fit.effect_se,
        "ci_high": fit.effects + Z_95 * fit.effect_se,
        "reliability": fit.reliability,
    }
    groups = fitted.moments.keys.select(
        pl.lit(model.code).alias("model"),
        pl.lit("class").alias("level"),
        *_CLASS,
        pl.Series("n_sat", fitted.moments.count),
        pl.Series("n_registered", fitted.moments.count),
    )
    marked = mark_suppressed(groups, min_n=plan.min_n, by=["model"]).rename({"n_sat": "n"})
    table = marked.with_columns(pl.Series(name, values) for name, values in figures.items())
    labeled = table.with_columns(label_expr(tau=float(np.sqrt(fit.tau2)), min_n=plan.label_min_n).alias("label"))
    return labeled.select(pl.col(name).cast(dtype) for name, dtype in CLASS_EFFECT_SCHEMA.items()).sort(_CLASS)
