"""Distribution at class, school, county and city level for nine subjects and their total, from Parquet (§2)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from bench.city import CODES, PLAN
from bench.measure import Contender
from shared.scoring.distribution import distribution_table
from shared.scoring.levels import KEY_COLUMNS, LEVEL_KEYS, LEVELS
from shared.scoring.plan import Direction
from shared.scoring.statistics.quantiles import PERCENTS
from shared.scoring.subjects import Subject

FILE = "marks.parquet"
_ID = ("level", *KEY_COLUMNS, "subject")
_RATES = tuple(f"{rate.code}_rate" for rate in PLAN.rates)
_FIGURES = ("n_registered", "n_sat", "mean", "sd", "min", "max", *(f"p{p}" for p in PERCENTS), *_RATES)
_COLUMNS = [*KEY_COLUMNS, *CODES]


def _ours(folder: Path) -> pl.DataFrame:
    return distribution_table(pl.scan_parquet(folder / FILE), PLAN)


def _ours_tidy(table: pl.DataFrame) -> pl.DataFrame:
    return _comparable(table.select(*_ID, *_FIGURES))


def _duckdb(folder: Path) -> Any:
    import duckdb

    total = f"CASE WHEN least({','.join(CODES)}) < 0 THEN least({','.join(CODES)}) ELSE {'+'.join(CODES)} END"
    figures = ",".join(_sql_figures(subject) for subject in PLAN.reported)
    sets = ",".join(f"({','.join(LEVEL_KEYS[level])})" for level in LEVELS)
    source = f"(SELECT {','.join(_COLUMNS)}, {total} AS total FROM read_parquet('{folder / FILE}'))"  # noqa: S608
    keys = ",".join(KEY_COLUMNS)
    query = f"SELECT grouping({keys}) AS g, {keys}, {figures} FROM {source} GROUP BY GROUPING SETS ({sets})"  # noqa: S608
    relation = duckdb.sql(query)
    return relation.to_arrow_table() if relation is not None else None


def _sql_figures(subject: Subject) -> str:
    code, unit = subject.code, float(subject.unit)
    sat = f"FILTER (WHERE {code} >= 0)"
    parts = [
        f"count(*) FILTER (WHERE {code} >= -2) AS {code}__n_registered",
        f"count(*) {sat} AS {code}__n_sat",
        f"avg({code}) {sat} * {unit} AS {code}__mean",
        f"stddev_samp({code}) {sat} * {unit} AS {code}__sd",
        f"min({code}) {sat} * {unit} AS {code}__min",
        f"max({code}) {sat} * {unit} AS {code}__max",
        f"quantile_cont({code}, [{','.join(str(p / 100) for p in PERCENTS)}]) {sat} AS {code}__quantiles",
    ]
    for rate in PLAN.rates:
        sign = ">=" if rate.direction is Direction.AT_LEAST else "<"
        reached = f"{code} >= 0 AND {code} {sign} {subject.units_reaching(rate.threshold)}"
        parts.append(f"count(*) FILTER (WHERE {reached}) / nullif(count(*) {sat}, 0) AS {code}__{rate.code}_rate")
    return ",".join(parts)


def _duckdb_tidy(result: Any) -> pl.DataFrame:
    wide = pl.DataFrame(pl.from_arrow(result))
    names = {0: "class", 1: "school", 3: "county", 7: "city"}
    wide = wide.with_columns(pl.col("g").replace_strict(names, return_dtype=pl.String).alias("level"))
    parts = []
    for subject in PLAN.reported:
        code = subject.code
        quantiles = [
            (pl.col(f"{code}__quantiles").list.get(n) * float(subject.unit)).alias(f"p{p}")
            for n, p in enumerate(PERCENTS)
        ]
        named = [pl.col(f"{code}__{name}").alias(name) for name in _FIGURES if not name.startswith("p") or "_" in name]
        parts.append(wide.select("level", *KEY_COLUMNS, pl.lit(code).alias("subject"), *named, *quantiles))
    return _comparable(pl.concat(parts))


def _polars(folder: Path) -> list[pl.DataFrame]:
    frame = pl.scan_parquet(folder / FILE).select(*_COLUMNS, _total_expr()).collect()
    figures = [expr for subject in PLAN.reported for expr in _polars_figures(subject)]
    return [
        frame.group_by(LEVEL_KEYS[level]).agg(figures) if LEVEL_KEYS[level] else frame.select(figures)
        for level in LEVELS
    ]


def _total_expr() -> pl.Expr:
    codes = [pl.col(code).cast(pl.Int32) for code in CODES]
    worst = pl.min_horizontal(codes)
    return pl.when(worst < 0).then(worst).otherwise(pl.sum_horizontal(codes)).alias("total")


def _polars_figures(subject: Subject) -> list[pl.Expr]:
    code, unit = pl.col(subject.code), float(subject.unit)
    sat = code.filter(code >= 0)
    figures = {
        "n_registered": (code >= -2).sum(),
        "n_sat": (code >= 0).sum(),
        "mean": sat.mean() * unit,
        "sd": sat.std() * unit,
        "min": sat.min() * unit,
        "max": sat.max() * unit,
    }
    figures |= {f"p{p}": sat.quantile(p / 100, "linear") * unit for p in PERCENTS}
    for rate in PLAN.rates:
        units = subject.units_reaching(rate.threshold)
        reached = sat >= units if rate.direction is Direction.AT_LEAST else sat < units
        figures[f"{rate.code}_rate"] = reached.mean()
    return [expr.alias(f"{subject.code}__{name}") for name, expr in figures.items()]


def _polars_tidy(tables: list[pl.DataFrame]) -> pl.DataFrame:
    parts = []
    for level, table in zip(LEVELS, tables, strict=True):
        above = [pl.lit(None, pl.String).alias(key) for key in KEY_COLUMNS if key not in LEVEL_KEYS[level]]
        keyed = table.with_columns(*above, pl.lit(level.value).alias("level"))
        parts += [
            keyed.select(
                "level", *KEY_COLUMNS, pl.lit(subject.code).alias("subject"),
                *(pl.col(f"{subject.code}__{name}").alias(name) for name in _FIGURES),
            )
            for subject in PLAN.reported
        ]  # fmt: skip
    return _comparable(pl.concat(parts))


def _pandas(folder: Path) -> list[Any]:
    import pandas as pd

    frame = pd.read_parquet(folder / FILE, columns=_COLUMNS)
    worst = frame[list(CODES)].min(axis=1)
    frame["total"] = frame[list(CODES)].astype("int32").sum(axis=1).where(worst >= 0, worst)
    return [_pandas_figures(frame, subject, list(LEVEL_KEYS[level])) for level in LEVELS for subject in PLAN.reported]


def _pandas_figures(frame: Any, subject: Subject, keys: list[str]) -> Any:
    import pandas as pd

    code = frame[subject.code]
    mark = code.where(code >= 0) * float(subject.unit)
    columns = {"mark": mark, "n_registered": code >= -2}
    for rate in PLAN.rates:
        units = subject.units_reaching(rate.threshold)
        reached = code >= units if rate.direction is Direction.AT_LEAST else code < units
        columns[f"{rate.code}_rate"] = reached.astype("float64").where(code >= 0)
    by = [frame[key] for key in keys] or [pd.Series(0, index=frame.index)]
    groups = pd.DataFrame(columns).groupby(by, sort=False)
    table = groups["mark"].agg(n_sat="count", mean="mean", sd="std", min="min", max="max")
    quantiles = groups["mark"].quantile([p / 100 for p in PERCENTS]).unstack()
    for percent in PERCENTS:
        table[f"p{percent}"] = quantiles[percent / 100]
    return table.join(groups["n_registered"].sum()).join(groups[list(_RATES)].mean())


def _pandas_tidy(tables: list[Any]) -> pl.DataFrame:
    labels = [(level, subject) for level in LEVELS for subject in PLAN.reported]
    parts = []
    for (level, subject), table in zip(labels, tables, strict=True):
        keys = LEVEL_KEYS[level]
        frame = pl.from_pandas(table.reset_index())
        above = [pl.lit(None, pl.String).alias(key) for key in KEY_COLUMNS if key not in keys]
        keyed = frame.with_columns(*above, pl.lit(level.value).alias("level"), pl.lit(subject.code).alias("subject"))
        parts.append(keyed.select(*_ID, *_FIGURES))
    return _comparable(pl.concat(parts, how="vertical_relaxed"))


def _comparable(table: pl.DataFrame) -> pl.DataFrame:
    keys = pl.col(*_ID).cast(pl.String)
    return table.select(keys, pl.col(*_FIGURES).cast(pl.Float64).fill_nan(None)).sort(_ID)


CONTENDERS = (
    Contender("this project", _ours, _ours_tidy),
    Contender("DuckDB", _duckdb, _duckdb_tidy),
    Contender("Polars", _polars, _polars_tidy),
    Contender("pandas", _pandas, _pandas_tidy),
)
