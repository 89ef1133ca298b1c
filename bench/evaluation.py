"""Every school, or all staff, of a city by a scheme, from Parquet (§10): points, totals, grades, ranks in groups.

Rivals are what a bureau would write: a loop over schools in plain Python, and columns in pandas. They make the figures that
all have; ours also gives full marks after passing on, printed points at every node, ties and reasons.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bench.city import SEED, Scale
from bench.measure import Contender
from shared.scoring.rules import parse_rule
from shared.scoring.scheme.evaluation import Evaluation, evaluate
from shared.scoring.scheme.explanation import explained_scores
from shared.scoring.scheme.tree import (
    Branch,
    EvaluationKind,
    Evaluator,
    GradeBand,
    Leaf,
    Method,
    Name,
    Scheme,
    Source,
    SourceKind,
    SubjectOfScheme,
)

FILE, STAFF_FILE = "evaluation.parquet", "evaluation_staff.parquet"
LEAVES, STAFF_LEAVES = 48, 25
_DIMENSIONS, _INDICATORS, _CHECKPOINTS = 4, 4, 3
_AREAS, _PER_AREA, _STAFF_PER_SCHOOL = 5, 5, 45
_GRADES = (("A", 90), ("B", 80), ("C", 60), ("D", 0))
_LEVELS = {"A": 1, "B": 0.8, "C": 0.6, "D": 0.3}
_RULES: tuple[dict[str, Any], ...] = (
    {"kind": "linear", "min": 20, "max": 95},
    {"kind": "levels", "levels": _LEVELS},
    {"kind": "deduct", "per_event": 0.1},
    {"kind": "yes_no"},
    {"kind": "target", "goal": 85, "tolerance": 40},
)


def unit_count(scale: Scale) -> int:
    """Schools judged: those of the city and a tenth more, for all stages."""
    return scale.schools * 11 // 10


def staff_count(scale: Scale) -> int:
    """Staff judged: 45 a school."""
    return scale.schools * _STAFF_PER_SCHOOL


def _scheme() -> Scheme:
    number = iter(range(LEAVES))
    dimensions = []
    for dimension in range(_DIMENSIONS):
        indicators = []
        for indicator in range(_INDICATORS):
            leaves = tuple(_leaf(next(number), weight=1 + place) for place in range(_CHECKPOINTS))
            indicators.append(_branch(f"B{dimension}{indicator}", 1 + indicator, leaves))
        dimensions.append(_branch(f"A{dimension}", 10 + dimension, tuple(indicators)))
    return _as_scheme(SubjectOfScheme.SCHOOL, dimensions)


def _staff_scheme() -> Scheme:
    """Five areas (conduct, teaching, pupils, research, honors) of five indicators each."""
    number = iter(range(STAFF_LEAVES))
    areas = []
    for area in range(_AREAS):
        leaves = tuple(_leaf(next(number), weight=1 + place) for place in range(_PER_AREA))
        areas.append(_branch(f"A{area}", 10 + area, leaves))
    return _as_scheme(SubjectOfScheme.STAFF, areas)


def _as_scheme(of: SubjectOfScheme, dimensions: Sequence[Branch]) -> Scheme:
    return Scheme(
        code="bench",
        name=Name("基准", "Benchmark"),
        of=of,
        as_of=dt.date(2026, 9, 1),
        children=tuple(dimensions),
        grades=tuple(GradeBand(grade, Name(grade, grade), Decimal(least)) for grade, least in _GRADES),
        group_by=("kind",),
    )


def _branch(code: str, weight: int, children: tuple[Any, ...]) -> Branch:
    return Branch(code=code, name=Name(code, code), weight=Decimal(weight), children=children)


def _leaf(number: int, *, weight: int) -> Leaf:
    code = f"C{number:02d}"
    return Leaf(
        code=code,
        name=Name(code, code),
        weight=Decimal(weight),
        rule=parse_rule(_RULES[number % len(_RULES)]),
        source=Source(SourceKind.INSPECTION, code),
        evaluators=(Evaluator.COUNTY,),
        methods=(Method.DOCUMENTS,),
        evaluation_kind=EvaluationKind.PROCESS,
    )


@dataclass(frozen=True, slots=True)
class Judging:
    """Who is judged: the file of their values, and the scheme."""

    file: str
    scheme: Scheme


SCHOOLS = Judging(FILE, _scheme())
STAFF = Judging(STAFF_FILE, _staff_scheme())


def write_values(folder: Path, scale: Scale) -> None:
    """Writes the values of all schools and of all staff; three in a hundred are missing."""
    for judging, units, seed in ((SCHOOLS, unit_count(scale), SEED + 4), (STAFF, staff_count(scale), SEED + 5)):
        _write(folder / judging.file, judging.scheme, units, seed)


def _write(path: Path, scheme: Scheme, units: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    columns: dict[str, Any] = {
        "unit_code": [f"u{number:06d}" for number in range(units)],
        "kind": random.choice(["primary", "junior", "senior"], units).tolist(),
    }
    for number, leaf in enumerate(scheme.leaves()):
        kind = _RULES[number % len(_RULES)]["kind"]
        made: Any = random.uniform(20, 100, units).round(2)
        if kind == "levels":
            made = random.choice(list(_LEVELS), units).tolist()
        elif kind == "deduct":
            made = random.poisson(2, units).astype(float)
        elif kind == "yes_no":
            made = (random.random(units) < 0.8).tolist()
        columns[leaf.code] = pl.Series(made).set(pl.Series(random.random(units) < 0.03), None)
    pl.DataFrame(columns).write_parquet(path, compression="zstd")


def _ours(judging: Judging, folder: Path) -> Evaluation:
    frame = pl.read_parquet(folder / judging.file)
    return evaluate(judging.scheme, frame.select("unit_code", "kind"), frame.drop("kind"))


def _explained(judging: Judging, folder: Path) -> pl.DataFrame:
    return explained_scores(judging.scheme, _ours(judging, folder))


def _ours_tidy(judging: Judging, evaluation: Evaluation) -> pl.DataFrame:
    leaves = evaluation.scores.filter(pl.col("is_leaf")).pivot("node", index="unit_code", values="points")
    totals = evaluation.totals.select("unit_code", "total", "printed_total", "grade", "rank_in_group")
    return _in_order(judging, totals.join(leaves, on="unit_code"))


def _share(number: int, value: Any) -> Any:
    rule = _RULES[number % len(_RULES)]
    match rule["kind"]:
        case "linear":
            return min(max((value - rule["min"]) / (rule["max"] - rule["min"]), 0.0), 1.0)
        case "levels":
            return _LEVELS[value]
        case "deduct":
            return max(1 - rule["per_event"] * value, 0.0)
        case "yes_no":
            return 1.0 if value else 0.0
        case _:
            return min(max(1 - max(rule["goal"] - value, 0.0) / rule["tolerance"], 0.0), 1.0)


def _plain(judging: Judging, folder: Path) -> list[dict[str, Any]]:
    rows = [_one_unit(judging.scheme, row) for row in pl.read_parquet(folder / judging.file).to_dicts()]
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row.pop("kind"), []).append(row)
    for members in groups.values():
        rank, last = 0, None
        for place, row in enumerate(sorted(members, key=lambda row: -row["printed_total"]), start=1):
            rank = rank if row["printed_total"] == last else place
            last = row["printed_total"]
            row["rank_in_group"] = rank
    return rows


def _one_unit(scheme: Scheme, values: dict[str, Any]) -> dict[str, Any]:
    number = count()
    points: dict[str, float | None] = {}

    def shares(node: Branch | Leaf) -> Any:
        if isinstance(node, Leaf):
            place, value = next(number), values[node.code]
            return None if value is None else _share(place, value)
        return [shares(child) for child in node.children]

    def is_there(found: Any) -> bool:
        return any(is_there(part) for part in found) if isinstance(found, list) else found is not None

    def spread(node: Any, found: Any, full: float | None) -> None:
        if isinstance(node, Leaf):
            points[node.code] = None if full is None else full * found
            return
        whole = sum(float(child.weight) for child, part in zip(node.children, found, strict=True) if is_there(part))
        for child, part in zip(node.children, found, strict=True):
            spread(child, part, full * float(child.weight) / whole if full is not None and is_there(part) else None)

    spread(scheme, [shares(child) for child in scheme.children], 100.0)
    total = sum(point for point in points.values() if point is not None)
    printed = int(round(100 * total, 7) + 0.5) / 100
    grade = next(grade for grade, least in _GRADES if printed >= least)
    head = {"unit_code": values["unit_code"], "kind": values["kind"], "total": total, "printed_total": printed}
    return head | {"grade": grade} | points


def _pandas(judging: Judging, folder: Path) -> Any:
    import pandas as pd

    frame, scheme = pd.read_parquet(folder / judging.file), judging.scheme
    shares = pd.DataFrame({leaf.code: _pandas_share(n, frame[leaf.code]) for n, leaf in enumerate(scheme.leaves())})
    full: dict[str, Any] = {}

    def present(node: Branch | Leaf) -> Any:
        codes = [node.code] if isinstance(node, Leaf) else [leaf.code for leaf in _below(node)]
        return shares[codes].notna().any(axis=1)

    def spread(children: Any, above: Any) -> None:
        weights = pd.DataFrame({child.code: present(child) * float(child.weight) for child in children})
        parts = weights.div(weights.sum(axis=1), axis=0).mul(above, axis=0)
        for child in children:
            if isinstance(child, Leaf):
                full[child.code] = parts[child.code]
            else:
                spread(child.children, parts[child.code])

    spread(scheme.children, pd.Series(100.0, index=frame.index))
    points = shares * pd.DataFrame(full)[shares.columns]
    total = points.sum(axis=1)
    printed = np.floor((100 * total).round(7) + 0.5) / 100
    least = [at_least for _, at_least in _GRADES]
    grade = np.select([printed >= line for line in least], [name for name, _ in _GRADES], default="")
    rank = printed.groupby(frame["kind"]).rank("min", ascending=False).astype("int64")
    head = {
        "unit_code": frame["unit_code"],
        "total": total,
        "printed_total": printed,
        "grade": grade,
        "rank_in_group": rank,
    }
    return pd.concat([pd.DataFrame(head), points], axis=1)


def _pandas_share(number: int, column: Any) -> Any:
    rule = _RULES[number % len(_RULES)]
    match rule["kind"]:
        case "linear":
            return ((column - rule["min"]) / (rule["max"] - rule["min"])).clip(0, 1)
        case "levels":
            return column.map(_LEVELS).astype(float)
        case "deduct":
            return (1 - rule["per_event"] * column).clip(lower=0)
        case "yes_no":
            return column.astype("float64")
        case _:
            return (1 - (rule["goal"] - column).clip(lower=0) / rule["tolerance"]).clip(0, 1)


def _below(node: Branch) -> list[Leaf]:
    found: list[Leaf] = []
    for child in node.children:
        found += [child] if isinstance(child, Leaf) else _below(child)
    return found


def _in_order(judging: Judging, frame: pl.DataFrame) -> pl.DataFrame:
    codes = [leaf.code for leaf in judging.scheme.leaves()]
    figures = pl.col("total", "printed_total", *codes).cast(pl.Float64).fill_nan(None)
    head = ("unit_code", "total", "printed_total", "grade", "rank_in_group", *codes)
    return frame.with_columns(figures, pl.col("rank_in_group").cast(pl.Int64)).select(head).sort("unit_code")


def _contenders(judging: Judging) -> tuple[Contender, ...]:
    def plain_tidy(rows: list[dict[str, Any]]) -> pl.DataFrame:
        return _in_order(judging, pl.DataFrame(rows, infer_schema_length=None))

    def pandas_tidy(frame: Any) -> pl.DataFrame:
        return _in_order(judging, pl.DataFrame(pl.from_pandas(frame)))

    return (
        Contender("this project", partial(_ours, judging), partial(_ours_tidy, judging)),
        Contender("with explanations", partial(_explained, judging)),
        Contender("plain Python", partial(_plain, judging), plain_tidy),
        Contender("pandas", partial(_pandas, judging), pandas_tidy),
    )


CONTENDERS = _contenders(SCHOOLS)
STAFF_CONTENDERS = _contenders(STAFF)
