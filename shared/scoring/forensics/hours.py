"""More minutes than days hold, of pupils and of those who certify (SCORING §7c.3).

Minutes that may each lie anywhere inside their own range of days fit into days of m minutes exactly if, for every first
day s and last day t, the ranges that lie within [s, t] have no more than (t − s + 1)·m minutes between them (the condition
of Hall). What breaks it cannot have happened, however the hours are divided: a record longer than its range, a day of more
than m minutes, ranges that overlap too much for one person to have been in both places.
"""

from __future__ import annotations

import polars as pl

from shared.scoring.forensics.base import CHINA, Finding, FindingKind, Parameters, compared, findings_of

_SPAN = ["first_on", "last_on"]


def impossible_hours(records: pl.DataFrame, files: pl.DataFrame, parameters: Parameters) -> list[Finding]:
    """One finding for every shortest span of a pupil's days that cannot hold what is said to lie in it."""
    del files
    spans = _spans(records)
    over = overfull_spans(spans, key="student", most=parameters.most_minutes)
    grouped = _concerned(over, spans, key="student")
    kind = (
        pl.when(pl.col("records").list.len() == 1)
        .then(pl.lit(FindingKind.RECORD_OVERFULL.value))
        .when(pl.col("first_on") == pl.col("last_on"))
        .then(pl.lit(FindingKind.DAY_OVERFULL.value))
        .otherwise(pl.lit(FindingKind.DAYS_OVERFULL.value))
    )
    return findings_of(kind, _told(grouped).drop("student"))


def busy_certifiers(records: pl.DataFrame, files: pl.DataFrame, parameters: Parameters) -> list[Finding]:
    """One finding for every certifier who would have been at more events, for several pupils, than days hold.

    Records of the same kind, place and days under one certifier are one event, as long as the longest of them.
    """
    del files
    spans = _spans(records).with_columns(certifier=compared("certifier"), place=compared("place"))
    spans = spans.filter(pl.col("certifier").str.len_chars() > 0)
    event = ["certifier", "type", "place", *_SPAN]
    events = spans.group_by(event).agg(pl.col("minutes").max())
    over = overfull_spans(events, key="certifier", most=parameters.most_certifier_minutes)
    grouped = _concerned(over, spans, key="certifier")
    several = grouped.with_columns(pupils=pl.col("students").list.n_unique()).filter(pl.col("pupils") > 1)
    # Who certified stands in the records; a finding names nobody.
    return findings_of(FindingKind.CERTIFIER_OVERFULL, _told(several).drop("certifier"))


def overfull_spans(spans: pl.DataFrame, *, key: str, most: int) -> pl.DataFrame:
    """Shortest spans of days that cannot hold the minutes within them: none holds another of the same key.

    Args:
        spans: ``key``, ``first_on, last_on`` and ``minutes``.
        key: column of who cannot be in two places.
        most: minutes a day holds.

    Returns:
        ``key, first_on, last_on, minutes, most_minutes``, sorted.
    """
    ranges = _doubtful(spans.group_by(key, *_SPAN).agg(pl.col("minutes").sum()), key=key, most=most)
    starts = ranges.select(key, start="first_on").unique()
    within = starts.join(ranges, on=key).filter(pl.col("first_on") >= pl.col("start"))
    ending = within.group_by(key, "start", "last_on").agg(pl.col("minutes").sum()).sort(key, "start", "last_on")
    days = (pl.col("last_on") - pl.col("start")).dt.total_days() + 1
    added = ending.with_columns(pl.col("minutes").cum_sum().over(key, "start"), most_minutes=days * most)
    over = added.filter(pl.col("minutes") > pl.col("most_minutes"))
    first = over.unique([key, "start"], keep="first", maintain_order=True).sort(key, "start", descending=[False, True])
    # A later start with an end as early lies inside.
    inner = pl.col("last_on").cum_min().shift(1).over(key)
    shortest = first.filter(inner.is_null() | (pl.col("last_on") < inner))
    return shortest.select(key, "last_on", "minutes", "most_minutes", first_on="start").sort(key, "first_on")


def _doubtful(ranges: pl.DataFrame, *, key: str, most: int) -> pl.DataFrame:
    """Ranges of those whose minutes, divided evenly over their days, do not fit: where that fits nothing is impossible."""
    a_day = pl.col("minutes") / ((pl.col("last_on") - pl.col("first_on")).dt.total_days() + 1)
    begun = ranges.select(key, day="first_on", change=a_day)
    ended = ranges.select(key, day=pl.col("last_on").dt.offset_by("1d"), change=-a_day)
    changes = pl.concat([begun, ended]).group_by(key, "day").agg(pl.col("change").sum()).sort(key, "day")
    load = changes.with_columns(pl.col("change").cum_sum().over(key))
    return ranges.join(load.filter(pl.col("change") > most * (1 - 1e-9)), on=key, how="semi")


def _spans(records: pl.DataFrame) -> pl.DataFrame:
    """Records with days and minutes; what happened several times, without an end, may have gone on until it was written."""
    written_on = pl.col("written_at").dt.convert_time_zone(CHINA).dt.date()
    last = (
        pl.when(pl.col("ended_on").is_null() & (pl.col("count").fill_null(1) > 1))
        .then(pl.max_horizontal(written_on, "began_on"))
        .otherwise(pl.max_horizontal("ended_on", "began_on"))
    )
    timed = records.filter(pl.col("began_on").is_not_null(), pl.col("minutes").is_not_null())
    return timed.with_columns(first_on="began_on", last_on=last)


def _concerned(over: pl.DataFrame, spans: pl.DataFrame, *, key: str) -> pl.DataFrame:
    several = over.rename({"first_on": "start", "last_on": "end"}).join(
        spans.select(key, "record", "first_on", "last_on", *({"student"} - {key})), on=key
    )
    inside = several.filter(pl.col("first_on") >= pl.col("start"), pl.col("last_on") <= pl.col("end"))
    grouped = inside.with_columns(who=key).group_by("who", "start", "end", "minutes", "most_minutes")
    found = grouped.agg(records=pl.col("record"), students=pl.col("student"))
    return found.rename({"who": key, "start": "first_on", "end": "last_on"})


def _told(grouped: pl.DataFrame) -> pl.DataFrame:
    return grouped.with_columns(
        pl.col(*_SPAN).dt.to_string(),
        days=(pl.col("last_on") - pl.col("first_on")).dt.total_days() + 1,
    )
