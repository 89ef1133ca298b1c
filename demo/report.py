"""The results as tables: pure formatting of published figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from demo.exam import SUBJECTS

Item = Mapping[str, Any]
SHOWN_SCHOOLS = 5
RATES = (
    ("excellent", "优秀率  excellent"),
    ("good", "良好率  good"),
    ("pass", "合格率  pass"),
    ("low_score", "低分率  low"),
)
LABELS = {
    "well_above": "远高于预期 well above",
    "above": "高于预期 above",
    "as_expected": "与预期相当 as expected",
    "below": "低于预期 below",
    "well_below": "远低于预期 well below",
}
NAMES = {code: f"{zh} {en}" for code, zh, en, _, _ in SUBJECTS}


def city_table(items: Sequence[Item]) -> Table:
    """The city's figures, a column per outcome subject: pupils, mean, sd, and rates with their 95 % intervals.

    Args:
        items: rows of the published summary, as the results API gives them.
    """
    city = [item for item in items if item["level"] == "city" and item["role"] == "outcome"]
    city.sort(key=lambda item: str(item["subject"]))
    table = Table(title="全市结果（方括号内为 95% 区间）  The city, with 95 % intervals", title_justify="left")
    table.add_column("指标  figure")
    for item in city:
        table.add_column(NAMES.get(item["subject"], str(item["subject"])), justify="right")
    table.add_row("人数  n", *(str(item["n_sat"]) for item in city))
    table.add_row("平均分  mean", *(_figure(item["mean"]) for item in city))
    table.add_row("标准差  sd", *(_figure(item["sd"]) for item in city))
    for code, name in RATES:
        table.add_row(name, *(_figure(item[f"{code}_rate"], scale=100, digits=1, unit="%") for item in city))
    return table


def effect_tables(items: Sequence[Item], areas: Mapping[str, str]) -> tuple[Table, Table]:
    """Schools of highest and of lowest value added, each with interval and label.

    Args:
        items: schools of one model, as the results API gives them.
        areas: names of the education areas by code.
    """
    known = [item for item in items if item["effect"]["value"] is not None]
    known.sort(key=lambda item: (-item["effect"]["value"], item["school_code"]))
    return (
        _effects("增值最高的五所学校（数学）  Highest value added, arithmetic", known[:SHOWN_SCHOOLS], areas),
        _effects("增值最低的五所学校（数学）  Lowest value added, arithmetic", known[-SHOWN_SCHOOLS:], areas),
    )


def model_line(model: Item) -> str:
    """Coefficients, variance components and intraclass correlation of a model; or why there are none."""
    names = " + ".join(NAMES.get(code, code) for code in model["intakes"])
    head = f"{NAMES.get(model['outcome'], model['outcome'])} ~ {names}"
    if model["tau2"] is None:
        return f"{head}: {model['status']} ({model['reason']})"
    terms = ", ".join(
        f"β[{entry['term']}] = {entry['value']:.4f} (se {entry['se']:.4f})" for entry in model["coefficients"]
    )
    return (
        f"{head}: {terms}; τ² = {model['tau2']:.4f}, σ² = {model['sigma2']:.4f}, ICC = {model['icc']:.4f}; "
        f"n = {model['n']}, 学校 schools = {model['groups']}, {model['method'].upper()}"
    )


def _effects(title: str, items: Sequence[Item], areas: Mapping[str, str]) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in ("学校\nschool", "教育区\narea"):
        table.add_column(heading, overflow="fold")
    for heading in ("人数\nn", "增值\neffect", "95% 区间\ninterval"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("判断\nlabel", overflow="fold")
    for item in items:
        label = LABELS.get(item["label"] or "", item["label"] or "人数不足，不作判断 too few to label")
        effect = item["effect"]
        cells = (str(item["n"]), f"{effect['value']:+.2f}", _interval(effect["ci"], scale=1, digits=2))
        name = f"{item['name_zh'] or ''} {item['school_code']}".strip()
        table.add_row(name, areas.get(item["county_code"], item["county_code"]), *cells, label)
    return table


def _figure(statistic: Item, *, scale: float = 1, digits: int = 2, unit: str = "") -> str:
    """A published statistic, with its interval on a second line where it has one."""
    if statistic["value"] is None:
        return "—"
    value = f"{scale * statistic['value']:.{digits}f}{unit}"
    return value if statistic["ci"] is None else f"{value} {_interval(statistic['ci'], scale=scale, digits=digits)}"


def _interval(bounds: Sequence[float] | None, *, scale: float, digits: int) -> str:
    return "—" if bounds is None else f"[{', '.join(f'{scale * bound:.{digits}f}' for bound in bounds)}]"
