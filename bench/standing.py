"""Rank, percentile rank, Z and T of every candidate in class, school, county and city, ten columns, from Parquet (§3).

Every contender makes all figures of one subject at a time, lets them go, and keeps every 997th candidate to be compared.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from bench.city import CODES, PLAN
from bench.distribution import FILE
from bench.measure import Contender
from shared.scoring.distribution import stored_standings
from shared.scoring.levels import KEY_COLUMNS, LEVEL_KEYS, LEVELS
from shared.scoring.subjects import TOTAL

EVERY = 997
_FIGURES = ("rank", "percentile_rank", "z_score", "t_score")
_COLUMNS = [f"{level.value}_{figure}" for level in LEVELS for figure in _FIGURES]
_RANKS = [f"{level.value}_rank" for level in LEVELS]


def _ours(folder: Path) -> list[pl.DataFrame]:
    # With map no frame is still held while the next is made.
    return list(map(_sample, stored_standings(pl.scan_parquet(folder / FILE), PLAN)))


def _sample(frame: pl.DataFrame) -> pl.DataFrame:
    # Candidates are numbered in the order of the file.
    first = int(frame["candidate_id"][0])
    return frame.select("candidate_id", "subject", *_COLUMNS)[range(-first % EVERY, frame.height, EVERY)]


def _polars(folder: Path) -> list[pl.DataFrame]:
    return _polars_by_subject(folder, ranks_only=False)


def _polars_ranks(folder: Path) -> list[pl.DataFrame]:
    return _polars_by_subject(folder, ranks_only=True)


def _polars_by_subject(folder: Path, *, ranks_only: bool) -> list[pl.DataFrame]:
    scan = pl.scan_parquet(folder / FILE)
    keys = scan.select("candidate_id", *KEY_COLUMNS).collect()
    kept = []
    for subject in (*PLAN.outcomes, PLAN.total):
        code = _total() if subject.code == TOTAL else pl.col(subject.code)
        marks = scan.select(pl.when(code >= 0).then(code.cast(pl.Float64)).alias("mark")).collect()
        frame = keys.hstack(marks)
        figures = [expr for level in LEVELS for expr in _windows(level.value, LEVEL_KEYS[level], ranks_only=ranks_only)]
        made = frame.select("candidate_id", pl.lit(subject.code).alias("subject"), *figures)
        kept.append(made.gather_every(EVERY))
    return kept


def _total() -> pl.Expr:
    codes = [pl.col(code).cast(pl.Int32) for code in CODES]
    worst = pl.min_horizontal(codes)
    return pl.when(worst < 0).then(worst).otherwise(pl.sum_horizontal(codes))


def _windows(level: str, keys: tuple[str, ...], *, ranks_only: bool) -> list[pl.Expr]:
    def over(expr: pl.Expr) -> pl.Expr:
        return expr.over(keys) if keys else expr

    mark = pl.col("mark")
    rank = over(mark.rank("min", descending=True)).alias(f"{level}_rank")
    if ranks_only:
        return [rank]
    z = (mark - over(mark.mean())) / over(mark.std(ddof=0))
    share = 100 * (over(mark.rank("average")) - 0.5) / over(mark.count())
    return [
        rank,
        share.alias(f"{level}_percentile_rank"),
        z.alias(f"{level}_z_score"),
        (50 + 10 * z).alias(f"{level}_t_score"),
    ]


def _duckdb(folder: Path) -> list[pl.DataFrame]:
    import duckdb

    kept = []
    connection = duckdb.connect()
    for subject in (*PLAN.outcomes, PLAN.total):
        made = connection.sql(_query(folder, subject.code)).to_arrow_table()
        frame = pl.DataFrame(pl.from_arrow(made))
        kept.append(
            frame.filter(pl.col("candidate_id").cast(pl.Int64) % EVERY == 0).with_columns(
                pl.lit(subject.code).alias("subject")
            )
        )
    return kept


def _query(folder: Path, code: str) -> str:
    if code == TOTAL:
        code = f"CASE WHEN least({','.join(CODES)}) >= 0 THEN {'+'.join(f'{name}::INT' for name in CODES)} END"
    else:
        code = f"CASE WHEN {code} >= 0 THEN {code} END"
    figures = []
    for level in LEVELS:
        keys = LEVEL_KEYS[level]
        group = f"PARTITION BY {','.join(keys)}" if keys else ""
        down, plain, name = f"({group} ORDER BY mark DESC NULLS LAST)", f"({group})", level.value
        ties = f"({group} ORDER BY mark DESC NULLS LAST RANGE BETWEEN CURRENT ROW AND CURRENT ROW)"
        # Present n, above = rank − 1, so below = n − above − ties and PR = 100 (below + ties / 2) / n.
        figures += [
            f"CASE WHEN mark IS NOT NULL THEN rank() OVER {down} END AS {name}_rank",
            f"100 * (count(mark) OVER {plain} - rank() OVER {down} + 1 - count(mark) OVER {ties} / 2)"
            f" / nullif(count(mark) OVER {plain}, 0) + 0 * mark AS {name}_percentile_rank",
            f"(mark - avg(mark) OVER {plain}) / nullif(stddev_pop(mark) OVER {plain}, 0) AS {name}_z_score",
            f"50 + 10 * (mark - avg(mark) OVER {plain}) / nullif(stddev_pop(mark) OVER {plain}, 0) AS {name}_t_score",
        ]
    marks = (
        f"SELECT candidate_id, {','.join(KEY_COLUMNS)}, ({code})::DOUBLE AS mark FROM read_parquet('{folder / FILE}')"  # noqa: S608
    )
    return f"SELECT candidate_id, {','.join(figures)} FROM ({marks})"  # noqa: S608


def _tidy(frames: list[pl.DataFrame]) -> pl.DataFrame:
    table = pl.concat([frame.select("candidate_id", "subject", *_COLUMNS) for frame in frames])
    # A group of one mark has sd 0: Z is 0 by definition, and no number in the rivals' plain formula.
    zero = [
        pl.when(pl.col(f"{level.value}_rank").is_not_null())
        .then(pl.col(f"{level.value}_{figure}").fill_nan(None).fill_null(value))
        .alias(f"{level.value}_{figure}")
        for level in LEVELS
        for figure, value in (("z_score", 0.0), ("t_score", 50.0))
    ]
    return table.with_columns(pl.col(_COLUMNS).cast(pl.Float64)).with_columns(zero).sort("subject", "candidate_id")


CONTENDERS = (
    Contender("this project", _ours, _tidy),
    Contender("DuckDB", _duckdb, _tidy),
    Contender("Polars", _polars, _tidy),
    Contender("Polars ranks only", _polars_ranks),
)
