"""How a school's value-added figures come about: from the model's variances and the school's mean residual (SCORING §8)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.monitoring.results.explaining import Step
from shared.scoring.statistics.base import Z_95

Row = Mapping[str, Any]


def effect_figures(row: Row, model: Row, coefficients: Sequence[Row]) -> dict[str, Callable[[], Step]]:
    """Every figure of a school's row that can be explained, by column.

    Args:
        row: the school's row of ``value_added_schools``.
        model: the model's row of ``value_added_models``.
        coefficients: its rows of ``value_added_coefficients``.
    """
    n, tau2, sigma2 = row["n"], model["tau2"], model["sigma2"]
    count = Step(name="n", zh="建模人数", en="candidates in the model", value=n, section="8.1")
    variances = (
        Step(name="tau2", zh="校间方差 τ²", en="variance between schools", value=tau2, section="8.1"),
        Step(name="sigma2", zh="校内方差 σ²", en="variance within schools", value=sigma2, section="8.1"),
    )

    def residual() -> Step:
        fitted = tuple(
            Step(name=entry["term"], zh="回归系数", en="coefficient", value=entry["estimate"], section="8.1")
            for entry in coefficients
        )
        return Step(
            name="mean_residual",
            zh="平均残差（收缩前）",
            en="mean residual before shrinking",
            value=row["mean_residual"],
            formula="mean of outcome − (coefficients · intakes) over the school's candidates",
            section="8.2",
            parts=(count, *fitted),
        )

    def reliability() -> Step:
        value = tau2 / (tau2 + sigma2 / n) if tau2 else 0.0
        return Step(
            name="reliability",
            zh="信度",
            en="reliability",
            value=value,
            formula="τ² / (τ² + σ² / n)",
            section="8.9",
            parts=(*variances, count),
        )

    def effect() -> Step:
        parts = (reliability(), residual())
        return Step(
            name="effect",
            zh="学校增值",
            en="school effect",
            value=float(parts[0].value or 0) * float(parts[1].value or 0),
            formula="reliability · mean_residual",
            section="8.2",
            parts=parts,
        )

    def error() -> Step:
        value = math.sqrt(tau2 / (1 + n * tau2 / sigma2))
        return Step(
            name="se",
            zh="增值的条件标准误",
            en="conditional standard error",
            value=value,
            formula="√(τ² / (1 + n τ² / σ²))",
            section="8.2",
            parts=(*variances, count),
        )

    def bound(side: int) -> Step:
        parts = (effect(), error())
        value = float(parts[0].value or 0) + side * Z_95 * float(parts[1].value or 0)
        name, zh = ("ci_low", "增值95%置信下限") if side < 0 else ("ci_high", "增值95%置信上限")
        return Step(
            name=name,
            zh=zh,
            en="95 % limit of the effect",
            value=value,
            formula=f"effect {'−' if side < 0 else '+'} 1.959964 · se",
            section="8.2",
            parts=parts,
        )

    return {
        "n": lambda: count,
        "mean_residual": residual,
        "reliability": reliability,
        "effect": effect,
        "se": error,
        "ci_low": lambda: bound(-1),
        "ci_high": lambda: bound(1),
    }
