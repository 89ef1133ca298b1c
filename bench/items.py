"""Item analysis of one paper from its stored sheet (§7), beside reading that sheet and doing nothing with it."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from bench import item_rivals
from bench.city import ITEM_PLAN as PLAN
from bench.item_rivals import COLUMNS, by_duckdb, by_pandas, by_polars, figures_of, in_order
from bench.measure import Contender
from shared.scoring.items.analysis import ItemAnalysis
from shared.scoring.items.stored import analyze_stored_items, gather_stored_items
from shared.scoring.items.summary import ItemSummary
from shared.scoring.levels import KEY_COLUMNS

FILE = item_rivals.FILE
_MEASURES = ("item_difficulty", "item_discrimination_upper_lower", "item_total_correlation", "cronbach_alpha")


def _ours(folder: Path) -> ItemAnalysis:
    return analyze_stored_items(pl.scan_parquet(folder / FILE), PLAN)


def _gather(folder: Path) -> ItemSummary:
    return gather_stored_items(pl.scan_parquet(folder / FILE), PLAN)


def _read(folder: Path) -> pl.DataFrame:
    return pl.scan_parquet(folder / FILE).select(COLUMNS).collect()


def _as_csv(folder: Path) -> Path:
    path = folder / "items.csv"
    _read(folder).write_csv(path)
    return path


def _read_csv(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, schema_overrides=dict.fromkeys(KEY_COLUMNS, pl.String))


def _ours_tidy(result: ItemAnalysis) -> pl.DataFrame:
    items = result.item_measures.filter(pl.col("measure").is_in(_MEASURES))
    paper = result.paper_measures.filter(pl.col("measure").is_in(_MEASURES)).with_columns(pl.lit("").alias("item"))
    bands = result.option_bands.with_columns(
        pl.concat_str(pl.lit("option"), pl.col("option").fill_null("none"), "band", separator="_").alias("measure")
    )
    groups = result.item_attainment.filter(
        pl.col("aspect").is_in(["item", "total"]), pl.col("level").is_in(["school", "city"])
    ).select(
        pl.col("school_code").fill_null("city").alias("measure"),
        pl.col("aspect_code").alias("item"),
        pl.col("attainment").alias("value"),
    )
    figures = [part.select("measure", "item", "value") for part in (items, paper)]
    return in_order([*figures, bands.select("measure", "item", pl.col("count").alias("value")), groups])


CONTENDERS = (
    Contender("this project", _ours, _ours_tidy),
    Contender("gathering alone", _gather),
    Contender("reading the file", _read),
    Contender("reading it as CSV", _read_csv, prepare=_as_csv),
    Contender("DuckDB", by_duckdb, figures_of),
    Contender("Polars", by_polars, figures_of),
    Contender("pandas", by_pandas, figures_of),
)
