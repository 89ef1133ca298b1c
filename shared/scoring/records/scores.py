"""Figures of people out of their records."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from shared.scoring.records.lines import RECORD_SCHEMA, Standing, lines_of, standards_frame
from shared.scoring.records.rules import POINTS_SCALE, SHARE_SCALE, Figure, Measure, Period, RecordRules, Span
from shared.terms.errors import DomainError

AMOUNT_SCALE = 100
_BUCKETS = {Span.DAY: "1d", Span.WEEK: "1w", Span.MONTH: "1mo"}
_MICRO = POINTS_SCALE * SHARE_SCALE
_FIGURES: dict[str, pl.DataType] = {
    "person": pl.String(),
    "figure": pl.String(),
    "records": pl.UInt32(),
    "uncapped": pl.Float64(),
    "value": pl.Float64(),
}


@dataclass(frozen=True, slots=True, eq=False)
class RecordScores:
    """What records come to.

    Args:
        figures: ``person, figure, records, uncapped, value``, by person and figure; uncapped is the sum before any cap.
        lines: every record with why it counts and for how much, as :func:`lines_of` gives it.
    """

    figures: pl.DataFrame
    lines: pl.DataFrame


def score_records(records: pl.DataFrame, people: pl.Series, rules: RecordRules, period: Period) -> RecordScores:
    """Works the figures of people out of their certified records.

    The order of rows makes no difference: amounts and points are summed in integers.

    Args:
        records: ``RECORD_SCHEMA``; those of others than ``people`` are left out.
        people: whose figures are wanted.
        rules: what records are worth.
        period: what is judged.

    Raises:
        DomainError: ``scoring.records_invalid``: column missing, id doubled, kind unknown, rank without or above its count.
    """
    _require_sound(records, rules)
    own = records.filter(pl.col("person").is_in(people.implode()))
    lines = lines_of(own, rules, period)
    counted = lines.filter(pl.col("standing") == Standing.COUNTED)
    # Loads are quotients, summed as floats: one order for one result.
    counted = pl.concat([counted.filter(pl.col("days") == 0), counted.filter(pl.col("days") > 0).sort("record")])
    parts = [_figure(counted, people, name, rules, period) for name in rules.figures]
    figures = pl.concat(parts) if parts else pl.DataFrame(schema=_FIGURES)
    return RecordScores(figures.sort("person", "figure"), lines)


def impossible_amounts(records: pl.DataFrame, rules: RecordRules, period: Period) -> pl.DataFrame:
    """Records of spans of time in which somebody did more than is possible.

    Returns:
        ``record, person, kind, total, most``: the total of the span, or of all that ran at the same time.
    """
    _require_sound(records, rules)
    found = []
    for code, kind in rules.kinds.items():
        if kind.bound is None:
            continue
        own = records.filter(pl.col("kind") == code).with_columns(pl.col("amount").to_physical().cast(pl.Int64))
        total = _running(own, period) if code in rules.spans else _in_bucket(own, kind.bound.per)
        over = own.with_columns(total=total).filter(pl.col("total") > kind.bound.most * AMOUNT_SCALE)
        found.append(
            over.select("record", "person", "kind", pl.col("total") / AMOUNT_SCALE, most=pl.lit(kind.bound.most))
        )
    schema = {"record": pl.String, "person": pl.String, "kind": pl.String, "total": pl.Float64, "most": pl.Int32}
    return pl.concat(found).sort("record") if found else pl.DataFrame(schema=schema)


def _in_bucket(own: pl.DataFrame, span: Span) -> pl.Series:
    keyed = own.select("person", "amount", bucket=pl.col("happened_on").dt.truncate(_BUCKETS[span]))
    return keyed.select(pl.col("amount").sum().over("person", "bucket")).to_series()


def _running(own: pl.DataFrame, period: Period) -> pl.Series:
    """For each record the most that its person had running at once while it ran: reached where some record begins."""
    placed = own.select(
        "person", "amount", start="happened_on", end=pl.coalesce("ends_on", pl.lit(max(period.last, period.first)))
    ).with_row_index("place")
    events = pl.concat(
        [
            placed.select("person", day="start", change="amount"),
            placed.select("person", day=pl.col("end").dt.offset_by("1d"), change=-pl.col("amount")),
        ]
    )
    running = (
        events.group_by("person", "day")
        .agg(pl.col("change").sum())
        .sort("person", "day")
        .with_columns(total=pl.col("change").cum_sum().over("person"))
    )
    reached = placed.join(running.select("person", "day", "total"), on="person").filter(
        (pl.col("day") >= pl.col("start")) & (pl.col("day") <= pl.col("end"))
    )
    most = reached.group_by("place").agg(pl.col("total").max())
    return placed.join(most, on="place", how="left", maintain_order="left").get_column("total")


def _figure(counted: pl.DataFrame, people: pl.Series, name: str, rules: RecordRules, period: Period) -> pl.DataFrame:
    figure = rules.figures[name]
    own = counted.filter(pl.col("kind").is_in(list(figure.kinds)))
    if figure.category is not None:
        own = own.filter(pl.col("category") == figure.category)
    match figure.measure:
        case Measure.POINTS:
            summed = _points(own, rules)
        case Measure.AMOUNT:
            summed = _amounts(own, figure, rules)
        case Measure.RECORDS:
            summed = own.group_by("person").agg(pl.len().alias("records"), value=pl.len().cast(pl.Float64))
            summed = summed.with_columns(uncapped="value")
        case Measure.HELD:
            summed = _sums(own, pl.col("days").sum() / period.days).with_columns(pl.col("value").clip(upper_bound=1.0))
        case Measure.LOAD:
            summed = _loads(own, rules, period)
    if figure.cap is not None:
        cap = figure.cap / POINTS_SCALE if figure.measure is Measure.POINTS else figure.cap
        summed = summed.with_columns(pl.col("value").clip(upper_bound=cap))
    if figure.is_zero_without:
        everyone = pl.DataFrame({"person": people.unique()})
        summed = everyone.join(summed, on="person", how="left").with_columns(
            pl.col("records").fill_null(0), pl.col("value", "uncapped").fill_null(0.0)
        )
    named = summed.with_columns(figure=pl.lit(name))
    return named.select(pl.col(column).cast(dtype) for column, dtype in _FIGURES.items())


def _sums(own: pl.DataFrame, value: pl.Expr) -> pl.DataFrame:
    summed = own.group_by("person", maintain_order=True).agg(pl.len().alias("records"), value.alias("value"))
    return summed.with_columns(uncapped="value")


def _points(own: pl.DataFrame, rules: RecordRules) -> pl.DataFrame:
    """Points by kind under the cap of the kind, then together."""
    caps = pl.DataFrame(
        [(code, None if kind.cap is None else kind.cap * SHARE_SCALE) for code, kind in rules.kinds.items()],
        schema={"kind": pl.String, "cap": pl.Int64},
        orient="row",
    )
    by_kind = own.group_by("person", "kind").agg(pl.len().alias("records"), pl.col("points").sum())
    capped = by_kind.join(caps, on="kind", how="left").with_columns(kept=pl.min_horizontal("points", "cap"))
    summed = capped.group_by("person").agg(pl.col("records", "points", "kept").sum())
    return _divided(summed.select("person", "records", uncapped="points", value="kept"), _MICRO)


def _amounts(own: pl.DataFrame, figure: Figure, rules: RecordRules) -> pl.DataFrame:
    """Amounts, cut in each span of time to what is possible in it."""
    parts = []
    for code in figure.kinds:
        mine, bound = own.filter(pl.col("kind") == code), rules.kinds[code].bound
        amount = pl.col("amount").sum()
        if bound is None:
            parts.append(mine.group_by("person").agg(pl.len().alias("records"), raw=amount, kept=amount))
            continue
        spans = mine.group_by("person", pl.col("happened_on").dt.truncate(_BUCKETS[bound.per])).agg(
            pl.len().alias("records"), raw=amount
        )
        kept = pl.col("raw").clip(upper_bound=bound.most * AMOUNT_SCALE).sum()
        parts.append(spans.group_by("person").agg(pl.col("records").sum(), pl.col("raw").sum(), kept=kept))
    summed = pl.concat(parts).group_by("person").agg(pl.col("records", "raw", "kept").sum())
    return _divided(summed.select("person", "records", uncapped="raw", value="kept"), AMOUNT_SCALE)


def _divided(summed: pl.DataFrame, scale: int) -> pl.DataFrame:
    """Sums as numbers: divided in NumPy, because Polars multiplies by the reciprocal and misses the nearest double."""
    return summed.with_columns(
        pl.Series(name, summed[name].cast(pl.Float64).to_numpy() / scale) for name in ("uncapped", "value")
    )


def _loads(own: pl.DataFrame, rules: RecordRules, period: Period) -> pl.DataFrame:
    """Loads as shares of a full one; categories without a standard carry none."""
    placed = own.join(standards_frame(rules), on=["kind", "category"], how="inner", maintain_order="left")
    load = pl.col("amount").fill_null(AMOUNT_SCALE) * pl.col("days") / (AMOUNT_SCALE * period.days * pl.col("standard"))
    return _sums(placed.with_columns(load=load), pl.col("load").sum())


def _require_sound(records: pl.DataFrame, rules: RecordRules) -> None:
    missing = [name for name in RECORD_SCHEMA if name not in records.columns]
    if missing:
        raise DomainError("scoring.records_invalid", params={"place": missing[0], "what": "column missing"})
    unknown = set(records["kind"].unique().to_list()) - rules.kinds.keys()
    if unknown:
        raise DomainError("scoring.records_invalid", params={"place": min(unknown), "what": "kind unknown"})
    rank, count = pl.col("author_rank"), pl.col("author_count")
    wrong = (rank.is_null() != count.is_null()) | (rank < 1) | (rank > count)
    broken = records.filter(wrong.fill_null(False))
    if broken.height:
        raise DomainError("scoring.records_invalid", params={"place": broken["record"].min(), "what": "author rank"})
    if records["record"].n_unique() != records.height:
        raise DomainError("scoring.records_invalid", params={"place": "record", "what": "id doubled"})
