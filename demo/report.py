"""The results as tables: pure formatting of published figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from demo.exam import SUBJECTS

Item = Mapping[str, Any]
SHOWN_SCHOOLS = 5
RATES = (
    ("excellent", "优秀率\nexcellent"),
    ("good", "良好率\ngood"),
    ("pass", "合格率\npass"),
    ("low_score", "低分率\nlow"),
)
LABELS = {
    "well_above": "远高于预期 well above",
    "above": "高于预期 above",
    "as_expected": "与预期相当 as expected",
    "below": "低于预期 below",
    "well_below": "远低于预期 well below",
}
NAMES = {code: f"{zh} {en}" for code, zh, en, _, _ in SUBJECTS}


@dataclass(frozen=True, slots=True)
class Place:
    """A school's name and education area, for people."""

    name: str
    area: str


def city_table(items: Sequence[Item]) -> Table:
    """The city's figures per outcome subject: pupils, mean, sd, and rates with their 95 % intervals.

    Args:
        items: rows of the published summary, as the results API gives them.
    """
    table = Table(title="全市结果  The city", title_justify="left")
    table.add_column("学科\nsubject", no_wrap=True)
    for heading in ("人数\nn", "平均分\nmean", "标准差\nsd", *(title for _, title in RATES)):
        table.add_column(heading, justify="right")
    city = [item for item in items if item["level"] == "city" and item["role"] == "outcome"]
    for item in sorted(city, key=lambda item: str(item["subject"])):
        rates = (_figure(item[f"{code}_rate"], scale=100, digits=1, unit="%") for code, _ in RATES)
        name = NAMES.get(item["subject"], item["subject"])
        table.add_row(name, str(item["n_sat"]), _figure(item["mean"]), _figure(item["sd"]), *rates)
    return table


def effect_tables(items: Sequence[Item], places: Mapping[str, Place]) -> tuple[Table, Table]:
    """Schools of highest and of lowest value added, each with interval and label.

    Args:
        items: schools of one model, as the results API gives them.
        places: names by school code.
    """
    known = [item for item in items if item["effect"]["value"] is not None]
    known.sort(key=lambda item: (-item["effect"]["value"], item["school_code"]))
    return (
        _effects("增值最高的五所学校（数学）  Highest value added, arithmetic", known[:SHOWN_SCHOOLS], places),
        _effects("增值最低的五所学校（数学）  Lowest value added, arithmetic", known[-SHOWN_SCHOOLS:], places),
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


def _effects(title: str, items: Sequence[Item], places: Mapping[str, Place]) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in ("学校\nschool", "教育区\narea"):
        table.add_column(heading)
    for heading in ("人数\nn", "增值\neffect", "95% 区间\ninterval"):
        table.add_column(heading, justify="right")
    table.add_column("判断\nlabel")
    for item in items:
        place = places.get(item["school_code"], Place("", ""))
        label = LABELS.get(item["label"] or "", item["label"] or "人数不足，不作判断 too few to label")
        effect = item["effect"]
        cells = (str(item["n"]), f"{effect['value']:+.2f}", _interval(effect["ci"], scale=1, digits=2))
        table.add_row(f"{place.name} {item['school_code']}".strip(), place.area, *cells, label)
    return table


def _figure(statistic: Item, *, scale: float = 1, digits: int = 2, unit: str = "") -> str:
    """A published statistic, with its interval on a second line where it has one."""
    if statistic["value"] is None:
        return "—"
    value = f"{scale * statistic['value']:.{digits}f}{unit}"
    return value if statistic["ci"] is None else f"{value}\n{_interval(statistic['ci'], scale=scale, digits=digits)}"


def _interval(bounds: Sequence[float] | None, *, scale: float, digits: int) -> str:
    return "—" if bounds is None else f"[{', '.join(f'{scale * bound:.{digits}f}' for bound in bounds)}]"
