"""Item figures by DuckDB, Polars and pandas (§7): each makes what it is good at, in its own words.

Means and covariances, item sums per total mark, options per total mark, mean codes per group. The few lines from there to P,
r, D, α and the bands are the same for all and not timed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bench.city import ITEM_PLAN as PLAN
from shared.scoring.items.columns import stored_columns
from shared.scoring.items.frame import OPTION_SUFFIX
from shared.scoring.levels import KEY_COLUMNS, LEVEL_KEYS, LEVELS

FILE = "items.parquet"
COLUMNS = stored_columns(PLAN)
_CODES = list(PLAN.codes)
_CHOICES = [(item.code, item.code + OPTION_SUFFIX) for _, item in PLAN.choice_items]
_SHARE, _BANDS = 0.27, 5


@dataclass(frozen=True, slots=True)
class Parts:
    """What a rival makes: a row of codes per candidate is gone, the rest is arithmetic on small tables.

    Args:
        covariance: sample covariances of the codes, shape (k, k).
        by_total: ``total``, ``n`` and the sum of every item's codes.
        options: ``total``, ``item``, ``option``, ``count``.
        means: per level, mean code of every item and of the total, with the keys.
    """

    covariance: Any
    by_total: pl.DataFrame
    options: pl.DataFrame
    means: list[pl.DataFrame]


def by_polars(folder: Path) -> Parts:
    """By Polars."""
    frame = pl.scan_parquet(folder / FILE).select(COLUMNS).filter(pl.col("total") >= 0).collect()
    sums = [pl.col(code).cast(pl.Int64).sum() for code in _CODES]
    by_total = frame.group_by("total").agg(pl.len().alias("n"), *sums)
    options = [
        frame.group_by("total", pl.col(column).alias("option")).agg(pl.len().alias("count"), pl.lit(item).alias("item"))
        for item, column in _CHOICES
    ]
    means = [pl.col(code).mean() for code in (*_CODES, "total")]
    grouped = [
        frame.group_by(keys).agg(means) if (keys := LEVEL_KEYS[level]) else frame.select(means) for level in LEVELS
    ]
    covariance = np.cov(frame.select(_CODES).to_numpy().astype(np.float64), rowvar=False)
    return Parts(covariance, by_total, pl.concat(options), grouped)


def by_duckdb(folder: Path) -> Parts:
    """By DuckDB."""
    import duckdb

    connection = duckdb.connect()
    source = f"(SELECT * FROM read_parquet('{folder / FILE}') WHERE total >= 0)"  # noqa: S608
    k = len(_CODES)
    pairs = [(i, j) for i in range(k) for j in range(i, k)]
    products = ",".join(f"covar_samp({_CODES[i]}, {_CODES[j]})" for i, j in pairs)
    row = connection.sql(f"SELECT {products} FROM {source}").fetchall()[0]  # noqa: S608
    covariance = np.zeros((k, k))
    for (i, j), value in zip(pairs, row, strict=True):
        covariance[i, j] = covariance[j, i] = value
    sums = ",".join(f"sum({code})::BIGINT AS {code}" for code in _CODES)
    by_total = connection.sql(f"SELECT total, count(*) AS n, {sums} FROM {source} GROUP BY total").to_arrow_table()  # noqa: S608
    options = " UNION ALL ".join(
        f"SELECT total, {column} AS option, count(*) AS count, '{item}' AS item FROM {source} GROUP BY ALL"  # noqa: S608
        for item, column in _CHOICES
    )
    means = ",".join(f"avg({code}) AS {code}" for code in (*_CODES, "total"))
    sets = ",".join(f"({','.join(LEVEL_KEYS[level])})" for level in LEVELS)
    grouped = connection.sql(
        f"SELECT {','.join(KEY_COLUMNS)}, {means} FROM {source} GROUP BY GROUPING SETS ({sets})"  # noqa: S608
    ).to_arrow_table()
    tables = [pl.DataFrame(pl.from_arrow(table)) for table in (by_total, connection.sql(options).to_arrow_table())]
    return Parts(covariance, tables[0], tables[1], [pl.DataFrame(pl.from_arrow(grouped))])


def by_pandas(folder: Path) -> Parts:
    """By pandas."""
    import pandas as pd

    frame = pd.read_parquet(folder / FILE, columns=COLUMNS)
    frame = frame[frame["total"] >= 0]
    grouped = frame.groupby("total")
    by_total = grouped[_CODES].sum()
    by_total.insert(0, "n", grouped.size())
    options = [
        pl.from_pandas(frame.groupby(["total", column]).size().rename("count").reset_index())
        .rename({column: "option"})
        .with_columns(pl.lit(item).alias("item"))
        for item, column in _CHOICES
    ]
    values = [*_CODES, "total"]
    city = frame[values].mean().to_frame().T
    keyed = [list(LEVEL_KEYS[level]) for level in LEVELS if LEVEL_KEYS[level]]
    means = [city, *(frame.groupby(keys)[values].mean().reset_index() for keys in keyed)]
    covariance = frame[_CODES].cov().to_numpy()
    return Parts(
        covariance, pl.from_pandas(by_total.reset_index()), pl.concat(options), [pl.from_pandas(m) for m in means]
    )


def figures_of(parts: Parts) -> pl.DataFrame:
    """Long table of ``measure, item, value`` from a rival's parts."""
    weights, full = PLAN.weights.astype(float), PLAN.full_units.astype(float)
    by_total = parts.by_total.sort("total")
    count, sums = by_total["n"].to_numpy().astype(np.int64), by_total.select(_CODES).to_numpy() * weights
    n, k = int(count.sum()), len(_CODES)
    covariance = parts.covariance * np.multiply.outer(weights, weights)
    shared, whole = covariance.sum(axis=1), covariance.sum()
    size = int(_SHARE * n)
    low, high = (_shares(count, *edges) @ (sums / count[:, None]) / size for edges in ((0, size), (n - size, n)))
    figures = {
        "item_difficulty": sums.sum(axis=0) / (n * full),
        "item_discrimination_upper_lower": (high - low) / full,
        "item_total_correlation": shared / np.sqrt(covariance.diagonal() * whole),
    }
    tables = [pl.DataFrame({"measure": name, "item": _CODES, "value": value}) for name, value in figures.items()]
    alpha = k / (k - 1) * (1 - np.trace(covariance) / whole)
    tables.append(pl.DataFrame({"measure": ["cronbach_alpha"], "item": [""], "value": [alpha]}))
    return in_order([*tables, _bands(parts.options, by_total["total"], count), _attainment(parts.means, weights, full)])


def _shares(count: Any, low: float, high: float) -> Any:
    """Candidates at each total who fall between two positions from the lowest; ties by expected value."""
    last = np.cumsum(count)
    return np.maximum(np.minimum(last, high) - np.maximum(last - count, low), 0)


def _bands(options: pl.DataFrame, totals: pl.Series, count: Any) -> pl.DataFrame:
    n = count.sum()
    shares = {band + 1: _shares(count, band * n / _BANDS, (band + 1) * n / _BANDS) / count for band in range(_BANDS)}
    letters = dict(enumerate(PLAN.choice_items[0][1].options)) | {len(PLAN.choice_items[0][1].options): "none"}
    placed = options.with_columns(pl.col("total").cast(pl.Int64)).join(
        pl.DataFrame({"total": totals.cast(pl.Int64), **{str(band): share for band, share in shares.items()}}),
        on="total",
    )
    counted = placed.group_by("item", "option").agg((pl.col(str(band)) * pl.col("count")).sum() for band in shares)
    long = counted.unpivot(index=["item", "option"], variable_name="band")
    name = pl.concat_str(
        pl.lit("option"), pl.col("option").replace_strict(letters, return_dtype=pl.String), "band", separator="_"
    )
    return long.select(name.alias("measure"), "item", "value")


def _attainment(means: list[pl.DataFrame], weights: Any, full: Any) -> pl.DataFrame:
    table = pl.concat([part.cast(dict.fromkeys([*_CODES, "total"], pl.Float64)) for part in means], how="diagonal")
    chosen = table.filter(
        pl.col("class_code").is_null(), pl.col("school_code").is_not_null() | pl.col("county_code").is_null()
    )
    scale = {code: weight / mark for code, weight, mark in zip(_CODES, weights, full, strict=True)}
    scale["total"] = 1 / full.sum()
    return (
        chosen.select(
            pl.col("school_code").fill_null("city").alias("measure"), *(pl.col(code) * by for code, by in scale.items())
        )
        .unpivot(index="measure", variable_name="item")
        .select("measure", "item", "value")
    )


def in_order(tables: list[pl.DataFrame]) -> pl.DataFrame:
    """Long tables as one, in one order."""
    return pl.concat([table.with_columns(pl.col("value").cast(pl.Float64)) for table in tables]).sort("measure", "item")
