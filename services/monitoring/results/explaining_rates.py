"""How rates of the summary come about (SCORING §1.3, §2.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from services.monitoring.results.explaining_steps import Step, quotient
from shared.scoring.plan import Direction, Rate
from shared.scoring.statistics.rates import wilson_interval

if TYPE_CHECKING:
    from services.monitoring.results.explaining import SummaryFigures


def rate_figures(figures: SummaryFigures, rate: Rate) -> dict[str, Callable[[], Step]]:
    """Every figure of one rate, by column."""
    found: dict[str, Callable[[], Step]] = {}
    for basis in ("", "_registered"):
        name = f"{rate.code}_rate{basis}"
        found[name] = lambda basis=basis: share_of(figures, rate, basis)  # type: ignore[misc]
        found[f"{name}_se"] = lambda basis=basis: _error(figures, rate, basis)  # type: ignore[misc]
        found[f"{name}_ci_low"] = lambda basis=basis: _bound(figures, rate, basis, 0)  # type: ignore[misc]
        found[f"{name}_ci_high"] = lambda basis=basis: _bound(figures, rate, basis, 1)  # type: ignore[misc]
    found[f"{rate.code}_participation_gap"] = lambda: _gap(figures, rate)
    return found


def _base(figures: SummaryFigures, basis: str) -> Step:
    return figures.registered() if basis else figures.count("n_sat")


def share_of(figures: SummaryFigures, rate: Rate, basis: str) -> Step:
    """A rate on one of the two bases: candidates counted over candidates."""
    base = _base(figures, basis)
    name = f"{rate.code}_rate{basis}"
    count = round(figures.row[name] * int(base.value or 0))
    units = figures.subject.units_reaching(rate.threshold)
    is_up = rate.direction is Direction.AT_LEAST
    missing = " + n_absent + n_void" if basis and is_up == (units == 0) else ""
    parts = (
        Step(
            name=f"{rate.code}_count",
            zh="达到该标准的人数" if is_up else "低于该标准的人数",
            en="candidates counted",
            value=count,
            formula=f"marks {'≥' if is_up else '<'} threshold_units{missing}",
            section="2.3",
            parts=(
                Step(
                    name="threshold",
                    zh="标准（占满分）",
                    en="threshold as a share of the full mark",
                    value=float(rate.threshold),
                    section="2.3",
                ),
                figures.full(),
                Step(
                    name="threshold_units",
                    zh="标准（以步长为单位）",
                    en="threshold in grid units",
                    value=units,
                    formula="⌈threshold · full_units⌉",
                    section="2.3",
                ),
            ),
        ),
        base,
    )
    return Step(
        name=name,
        zh=f"{_RATES.get(rate.code, rate.code)}{'（按应考）' if basis else ''}",
        en=name.replace("_", " "),
        value=quotient(count, base.value),
        formula=f"{rate.code}_count / {base.name}",
        section="2.3",
        parts=parts,
    )


_RATES = {"excellent": "优秀率", "good": "良好率", "pass": "合格率", "low_score": "低分率"}


def _error(figures: SummaryFigures, rate: Rate, basis: str) -> Step:
    share = share_of(figures, rate, basis)
    base = np.float64(share.parts[1].value or 0)
    value = np.float64(share.value or 0)
    return Step(
        name=f"{share.name}_se",
        zh=f"{share.zh}的标准误",
        en=f"standard error of {share.en}",
        value=float(np.sqrt(value * (1 - value) / base)),
        formula=f"√({share.name} · (1 − {share.name}) / {share.parts[1].name})",
        section="2.3",
        parts=(share,),
    )


def _bound(figures: SummaryFigures, rate: Rate, basis: str, side: int) -> Step:
    share = share_of(figures, rate, basis)
    count, base = (np.array([part.value]) for part in share.parts)
    limits = wilson_interval(count, base)
    word = ("low", "high")[side]
    return Step(
        name=f"{share.name}_ci_{word}",
        zh=f"{share.zh}的95%置信{'下' if side == 0 else '上'}限",
        en=f"95 % limit of {share.en}",
        value=float(limits[side][0]),
        formula="Wilson (1927), z = 1.959964",
        section="2.3",
        parts=(share,),
    )


def _gap(figures: SummaryFigures, rate: Rate) -> Step:
    sat, registered = share_of(figures, rate, ""), share_of(figures, rate, "_registered")
    return Step(
        name=f"{rate.code}_participation_gap",
        zh="参考口径与应考口径之差",
        en="gap between the bases",
        value=float(sat.value or 0) - float(registered.value or 0),
        formula=f"{sat.name} − {registered.name}",
        section="1.3",
        parts=(sat, registered),
    )
