"""How a school's value-added figures come about: from the model's variances and the school's mean residual (SCORING §8)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.monitoring.results.explaining_steps import Step
from shared.scoring.statistics.base import Z_95

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EffectFigures:
    """A school's row of a value-added model with what explains it.

    Args:
        row: the row of ``value_added_schools`` as its reader sees it.
        model: the model's row of ``value_added_models``.
        coefficients: its rows of ``value_added_coefficients``.
    """

    row: Row
    model: Row
    coefficients: Sequence[Row]

    @property
    def available(self) -> dict[str, Callable[[], Step]]:
        """Every figure that can be explained, by column."""
        return {
            "n": self._count,
            "mean_residual": self._residual,
            "reliability": self._reliability,
            "effect": self._effect,
            "se": self._error,
            "ci_low": lambda: self._bound(-1),
            "ci_high": lambda: self._bound(1),
        }

    def _count(self) -> Step:
        return Step(name="n", zh="建模人数", en="candidates in the model", value=self.row["n"], section="8.1")

    def _variances(self) -> tuple[Step, Step]:
        return (
            Step(name="tau2", zh="校间方差 τ²", en="variance between schools", value=self.model["tau2"], section="8.1"),
            Step(
                name="sigma2", zh="校内方差 σ²", en="variance within schools", value=self.model["sigma2"], section="8.1"
            ),
        )

    def _residual(self) -> Step:
        fitted = (
            Step(name=entry["term"], zh="回归系数", en="coefficient", value=entry["estimate"], section="8.1")
            for entry in self.coefficients
        )
        return Step(
            name="mean_residual",
            zh="平均残差（收缩前）",
            en="mean residual before shrinking",
            value=self.row["mean_residual"],
            formula="mean of outcome − (coefficients · intakes) over the school's candidates",
            section="8.2",
            parts=(self._count(), *fitted),
        )

    def _reliability(self) -> Step:
        between, within = self.model["tau2"], self.model["sigma2"]
        return Step(
            name="reliability",
            zh="信度",
            en="reliability",
            value=between / (between + within / self.row["n"]) if between else 0.0,
            formula="τ² / (τ² + σ² / n)",
            section="8.9",
            parts=(*self._variances(), self._count()),
        )

    def _effect(self) -> Step:
        reliability, residual = self._reliability(), self._residual()
        return Step(
            name="effect",
            zh="学校增值",
            en="school effect",
            value=float(reliability.value or 0) * float(residual.value or 0),
            formula="reliability · mean_residual",
            section="8.2",
            parts=(reliability, residual),
        )

    def _error(self) -> Step:
        between, within = self.model["tau2"], self.model["sigma2"]
        return Step(
            name="se",
            zh="增值的条件标准误",
            en="conditional standard error",
            value=math.sqrt(between / (1 + self.row["n"] * between / within)),
            formula="√(τ² / (1 + n τ² / σ²))",
            section="8.2",
            parts=(*self._variances(), self._count()),
        )

    def _bound(self, side: int) -> Step:
        effect, error = self._effect(), self._error()
        name, zh = ("ci_low", "增值95%置信下限") if side < 0 else ("ci_high", "增值95%置信上限")
        return Step(
            name=name,
            zh=zh,
            en="95 % limit of the effect",
            value=float(effect.value or 0) + side * Z_95 * float(error.value or 0),
            formula=f"effect {'−' if side < 0 else '+'} 1.959964 · se",
            section="8.2",
            parts=(effect, error),
        )
