"""How a printed figure comes about: counts, sums in grid units, thresholds, weights, and the steps between them.

Sums are taken back out of the printed figures, which are correctly rounded quotients of whole numbers; every step then
repeats the core's own arithmetic, so that the tree ends in the printed figure to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from scipy.special import stdtrit

from services.monitoring.results.explaining_rates import rate_figures, share_of
from services.monitoring.results.explaining_steps import Step, quotient
from shared.scoring.plan import SCORE_RATE, AnalysisPlan
from shared.scoring.statistics.quantiles import PERCENTS
from shared.scoring.subjects import Subject

Row = Mapping[str, Any]


_COUNTS = {
    "n_registered": ("应考人数（参考、缺考、违纪）", "candidates registered"),
    "n_sat": ("参考人数", "candidates present"),
    "n_absent": ("缺考人数", "absent"),
    "n_void": ("违纪人数", "void"),
    "n_exempt": ("免考人数", "exempt"),
    "n_not_entered": ("不参加该科人数", "not entered"),
}


@dataclass(frozen=True, slots=True)
class SummaryFigures:
    """A row of the summary with what explains it.

    Args:
        row: the row as its reader sees it.
        plan: the exam's plan.
        cells: marks of the group from below with their counts; empty where no one-mark table shows them.
    """

    row: Row
    plan: AnalysisPlan
    cells: Sequence[tuple[float, int]] = ()

    @property
    def available(self) -> dict[str, Callable[[], Step]]:
        """Every figure that can be explained, by column."""
        found: dict[str, Callable[[], Step]] = {name: lambda name=name: self.count(name) for name in _COUNTS}  # type: ignore[misc]
        found |= {
            "n_registered": self.registered,
            "participation_rate": self._participation,
            "mean": self._mean,
            "sd": self._sd,
            "se_mean": self._se,
            "mean_ci_low": lambda: self._bound(-1),
            "mean_ci_high": lambda: self._bound(1),
            "score_rate": self._score_rate,
            "coefficient_of_variation": self._variation,
            "composite_index": self._composite,
        }
        for rate in self.plan.rates:
            found |= rate_figures(self, rate)
        if self.cells:
            found |= {"min": lambda: self._extreme(0), "max": lambda: self._extreme(-1)}
            found |= {f"p{percent}": lambda percent=percent: self._quantile(percent) for percent in PERCENTS}  # type: ignore[misc]
        return found

    @property
    def subject(self) -> Subject:
        """The subject of the row."""
        return self.plan.subject(self.row["subject"])

    @property
    def n(self) -> int:
        """Candidates present."""
        return int(self.row["n_sat"])

    @property
    def unit_sum(self) -> int:
        """Sum of the marks in grid units: the whole number that the mean is a quotient of."""
        return round(float(self.row["mean"]) * self.n / float(self.subject.unit))

    def count(self, name: str) -> Step:
        """A count of the row."""
        zh, en = _COUNTS[name]
        return Step(name=name, zh=zh, en=en, value=self.row[name], section="1.3")

    def registered(self) -> Step:
        """Candidates registered: present, absent, void."""
        parts = tuple(self.count(name) for name in ("n_sat", "n_absent", "n_void"))
        value = sum(int(part.value or 0) for part in parts)
        zh, en = _COUNTS["n_registered"]
        return Step(
            name="n_registered",
            zh=zh,
            en=en,
            value=value,
            formula="n_sat + n_absent + n_void",
            section="1.3",
            parts=parts,
        )

    def _participation(self) -> Step:
        parts = (self.count("n_sat"), self.registered())
        return Step(
            name="participation_rate",
            zh="参考率",
            en="participation rate",
            value=quotient(self.n, parts[1].value),
            formula="n_sat / n_registered",
            section="2.1",
            parts=parts,
        )

    def _sum(self) -> Step:
        return Step(
            name="unit_sum",
            zh="成绩总和（以步长为单位）",
            en="sum of marks in grid units",
            value=self.unit_sum,
            section="1.1",
        )

    def _unit(self) -> Step:
        return Step(name="step", zh="步长", en="grid step", value=float(self.subject.unit), section="1.1")

    def full(self) -> Step:
        """The full mark."""
        return Step(
            name="full_units",
            zh="满分（以步长为单位）",
            en="full mark in grid units",
            value=self.subject.full_units,
            section="1.1",
        )

    def _mean(self) -> Step:
        value = float(self.subject.marks(np.array([self.unit_sum]), np.array([self.n]))[0])
        parts = (self._sum(), self._unit(), self.count("n_sat"))
        return Step(
            name="mean",
            zh="平均分",
            en="mean",
            value=value,
            formula="unit_sum · step / n_sat",
            section="2.1",
            parts=parts,
        )

    def _squares(self) -> Step:
        unit = float(self.subject.unit)
        shift = self.unit_sum**2 / self.n
        square_sum = round((self.row["sd"] / unit) ** 2 * (self.n - 1) + shift)
        center = self.unit_sum // self.n
        squares = square_sum - center * (2 * self.unit_sum - self.n * center)
        value = squares - (self.unit_sum - self.n * center) ** 2 / self.n
        parts = (
            Step(name="square_sum", zh="平方和", en="sum of squares in squared units", value=square_sum, section="1.1"),
            self._sum(),
            self.count("n_sat"),
        )
        return Step(
            name="centered_squares",
            zh="离差平方和",
            en="sum of squared deviations",
            value=value,
            formula="square_sum − unit_sum² / n_sat",
            section="2.1",
            parts=parts,
        )

    def _sd(self) -> Step:
        squares = self._squares()
        value = float(np.sqrt(np.float64(squares.value or 0) / (self.n - 1)) * float(self.subject.unit))
        return Step(
            name="sd",
            zh="标准差",
            en="standard deviation",
            value=value,
            formula="√(centered_squares / (n_sat − 1)) · step",
            section="2.1",
            parts=(squares, self.count("n_sat"), self._unit()),
        )

    def _se(self) -> Step:
        sd = self._sd()
        return Step(
            name="se_mean",
            zh="平均分的标准误",
            en="standard error of the mean",
            value=quotient(sd.value, np.sqrt(self.n)),
            formula="sd / √n_sat",
            section="2.1",
            parts=(sd, self.count("n_sat")),
        )

    def _bound(self, side: int) -> Step:
        mean, se = self._mean(), self._se()
        t = float(stdtrit(self.n - 1, 0.975))
        value = float(np.float64(mean.value or 0) + side * (np.float64(se.value or 0) * t))
        quantile = Step(name="t", zh="t 分布 97.5% 分位数", en="97.5 % point of t(n − 1)", value=t, section="2.1")
        zh, en = ("置信下限", "lower limit") if side < 0 else ("置信上限", "upper limit")
        sign = "−" if side < 0 else "+"
        return Step(
            name=f"mean_ci_{'low' if side < 0 else 'high'}",
            zh=f"平均分95%{zh}",
            en=f"95 % {en} of the mean",
            value=value,
            formula=f"mean {sign} t · se_mean",
            section="2.1",
            parts=(mean, quantile, se),
        )

    def _score_rate(self) -> Step:
        parts = (self._sum(), self.count("n_sat"), self.full())
        return Step(
            name="score_rate",
            zh="得分率",
            en="score rate",
            value=quotient(self.unit_sum, self.n * self.subject.full_units),
            formula="unit_sum / (n_sat · full_units)",
            section="2.1",
            parts=parts,
        )

    def _variation(self) -> Step:
        sd, mean = self._sd(), self._mean()
        return Step(
            name="coefficient_of_variation",
            zh="差异系数",
            en="coefficient of variation",
            value=quotient(sd.value, mean.value),
            formula="sd / mean",
            section="2.1",
            parts=(sd, mean),
        )

    def _composite(self) -> Step:
        total, parts = 0.0, []
        by_code = {rate.code: rate for rate in self.plan.rates}
        for entry in self.plan.composite:
            whole = entry.component == SCORE_RATE
            component = self._score_rate() if whole else share_of(self, by_code[entry.component], "")
            weight = Step(name="weight", zh="权重", en="weight", value=float(entry.weight), section="2.4")
            product = float(entry.weight) * float(component.value or 0)
            total += product
            parts.append(
                Step(
                    name=f"weighted_{entry.component}",
                    zh=f"{component.zh}×权重",
                    en=f"{component.en} × weight",
                    value=product,
                    formula=f"weight · {component.name}",
                    section="2.4",
                    parts=(weight, component),
                )
            )
        positive = float(sum((entry.weight for entry in self.plan.composite if entry.weight > 0), Decimal(0)))
        divisor = Step(
            name="positive_weights", zh="正权重之和", en="sum of positive weights", value=positive, section="2.4"
        )
        return Step(
            name="composite_index",
            zh="综合指数",
            en="composite index",
            value=100 * total / positive,
            formula="100 · Σ weight · component / positive_weights",
            section="2.4",
            parts=(*parts, divisor),
        )

    def _at(self, position: int) -> float:
        passed = 0
        for mark, count in self.cells:
            passed += count
            if position < passed:
                return mark
        return self.cells[-1][0]

    def _extreme(self, place: int) -> Step:
        present = [mark for mark, count in self.cells if count]
        name, zh, en = ("min", "最低分", "lowest mark") if place == 0 else ("max", "最高分", "highest mark")
        return Step(name=name, zh=zh, en=en, value=present[place], section="2.1", parts=(self.count("n_sat"),))

    def _quantile(self, percent: int) -> Step:
        last = self.n - 1
        whole, hundredths = divmod(last * percent, 100)
        marks = [self._at(whole), self._at(min(whole + 1, last))]
        units = [round(mark / float(self.subject.unit)) for mark in marks]
        value = float(self.subject.marks(np.array([units[0] * 100 + hundredths * (units[1] - units[0])]), 100)[0])
        parts = (
            self.count("n_sat"),
            Step(
                name="h",
                zh="位置",
                en="position",
                value=last * percent / 100,
                formula=f"(n_sat − 1) · {percent} / 100",
                section="2.2",
            ),
            Step(name="lower", zh="位置下的成绩", en="mark at ⌊h⌋ from below", value=marks[0], section="2.5"),
            Step(name="upper", zh="其后的成绩", en="the mark after it", value=marks[1], section="2.5"),
        )
        return Step(
            name=f"p{percent}",
            zh=f"第{percent}百分位数",
            en=f"percentile {percent}",
            value=value,
            formula="lower + (h − ⌊h⌋) · (upper − lower)",
            section="2.2",
            parts=parts,
        )
