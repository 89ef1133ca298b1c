"""Records written all at once, at the end, or long after: of accounts, pupils and classes (SCORING §7c.4)."""

from __future__ import annotations

import polars as pl

from shared.scoring.anomalies.base import MAD_TO_SD
from shared.scoring.forensics.base import CHINA, Finding, FindingKind, Parameters, findings_of


def bursts(records: pl.DataFrame, files: pl.DataFrame, parameters: Parameters) -> list[Finding]:
    """One finding for every run of one account's records in which each lies among so many within so few minutes."""
    del files
    size = parameters.burst_records
    own = (
        records.filter("is_own")
        .sort("account", "written_at", "record")
        .with_columns(place=pl.int_range(pl.len()).over("account"))
    )
    began = pl.col("written_at").shift(size - 1).over("account")
    is_dense = (pl.col("written_at") - began) <= pl.duration(minutes=parameters.burst_minutes)
    dense = own.filter(is_dense).select("account", last="place")
    # Windows that share a record are one run.
    is_new = (pl.col("last") - pl.col("last").shift(1).over("account") >= size).fill_null(value=True)
    runs = (
        dense.with_columns(run=is_new.cum_sum())
        .group_by("account", "run")
        .agg(first=pl.col("last").min() - size + 1, last=pl.col("last").max())
    )
    places = runs.select("account", "run", place=pl.int_ranges("first", pl.col("last") + 1)).explode("place")
    inside = places.join(own, on=["account", "place"])
    grouped = inside.group_by("run").agg(
        records=pl.col("record"),
        students=pl.col("student"),
        count=pl.len(),
        first_at=pl.col("written_at").min().dt.to_string("iso:strict"),
        last_at=pl.col("written_at").max().dt.to_string("iso:strict"),
    )
    return findings_of(FindingKind.BURST, grouped.drop("run"))


def late_in_term(records: pl.DataFrame, files: pl.DataFrame, parameters: Parameters) -> list[Finding]:
    """Pupils, and whole classes, whose records of earlier days were written in the last ones before the class's last."""
    del files
    span = pl.duration(days=parameters.last_days)
    last = pl.col("written_at").max().over("class_code")
    # What happened in the last days is written then in good time; so is everything while a term is young.
    is_older = pl.max_horizontal("began_on", "ended_on") < (last - span).dt.convert_time_zone(CHINA).dt.date()
    is_late = (pl.col("written_at") > last - span) & is_older.fill_null(value=False)
    marked = records.filter("is_own").with_columns(is_late=is_late)
    found = findings_of(FindingKind.LATE_IN_TERM, _standing_out(marked, parameters))
    whole = _counted(marked, ["class_code"]).filter(
        pl.col("students").list.n_unique() >= parameters.least_class,
        pl.col("rate") >= parameters.least_late_rate,
        pl.col("late") >= parameters.least_late_records,
    )
    return found + findings_of(FindingKind.CLASS_LATE_IN_TERM, whole)


def long_after(records: pl.DataFrame, files: pl.DataFrame, parameters: Parameters) -> list[Finding]:
    """Pupils whose records were written long after they happened, far more than their class's."""
    del files
    happened = pl.max_horizontal("began_on", "ended_on")
    waited = (pl.col("written_at").dt.convert_time_zone(CHINA).dt.date() - happened).dt.total_days()
    own = records.filter("is_own", pl.col("began_on").is_not_null())
    marked = own.with_columns(is_late=waited > parameters.long_after_days)
    return findings_of(FindingKind.LONG_AFTER, _standing_out(marked, parameters))


def _standing_out(marked: pl.DataFrame, parameters: Parameters) -> pl.DataFrame:
    """Pupils whose share of late records lies far above those of their class."""
    each = _counted(marked, ["class_code", "student"])
    rate, median = pl.col("rate"), pl.col("median_rate")
    each = each.with_columns(median_rate=rate.median().over("class_code"), pupils=pl.len().over("class_code"))
    spread = MAD_TO_SD * (rate - median).abs().median().over("class_code")
    distance = (rate - median) / pl.max_horizontal(spread, parameters.least_spread)
    found = each.with_columns(distance=distance).filter(
        pl.col("pupils") >= parameters.least_class,
        pl.col("late") >= parameters.least_late_records,
        rate >= parameters.least_late_rate,
        pl.col("distance") >= parameters.least_distance,
    )
    return found.drop("student", "pupils")


def _counted(marked: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    return (
        marked.group_by(by)
        .agg(
            records=pl.col("record").filter("is_late"),
            students=pl.col("student").unique(),
            count=pl.len(),
            late=pl.col("is_late").sum(),
            rate=pl.col("is_late").mean(),
        )
        .sort(by)
    )
