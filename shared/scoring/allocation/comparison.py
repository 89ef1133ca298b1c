"""A scenario against a baseline: who gains, who loses, and how unequal pay becomes (SCORING §11.6).

Amounts are exact; ratios of them are figures to read and decide no fen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from shared.scoring.allocation.groups import Groups, Integers

KEY = ("pool", "staff_key")
_FIGURES = (
    "mean_before_fen",
    "mean_after_fen",
    "mean_change_fen",
    "gain_count",
    "gain_rate",
    "loss_count",
    "loss_rate",
)


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What a scenario changes.

    Args:
        people: ``pool``, ``staff_key``, ``before_fen``, ``after_fen``, ``change_fen``, ``change_rate`` (of before; null
            from nothing), sorted by pool and staff key.
        pools: per pool and for all (``pool`` null): ``n``, ``gini_before``, ``gini_after``, ``tenth_ratio_before``,
            ``tenth_ratio_after``, ``gain_count``, ``gain_rate``, ``loss_count``, ``loss_rate``, ``largest_gain_fen``,
            ``largest_loss_fen``.
        groups: per grouping column and value: ``column``, ``value``, ``n``, ``is_withheld``, and means, changes and shares
            of people who gain or lose; null where withheld.
    """

    people: pl.DataFrame
    pools: pl.DataFrame
    groups: pl.DataFrame


def compare(
    scenario: pl.DataFrame,
    baseline: pl.DataFrame,
    *,
    attributes: pl.DataFrame | None = None,
    by: Sequence[str] = (),
    min_n: int,
) -> Comparison:
    """Holds a scenario against a baseline.

    Args:
        scenario: ``pool``, ``staff_key``, ``amount_fen`` (``Allocation.payments``).
        baseline: the same people or some of them; who is missing had nothing, who is in the baseline alone gets nothing.
            :func:`equal_shares` makes one where there is no last year.
        attributes: ``pool``, ``staff_key`` and the columns to group by.
        by: grouping columns: post, age band, stage, urban or rural.
        min_n: groups of fewer people are withheld, and the smallest others with them until at least two are and those
            together hold ``min_n`` people, so that none follows from the rest.
    """
    before = baseline.select(*KEY, pl.col("amount_fen").cast(pl.Int64).alias("before_fen"))
    after = scenario.select(*KEY, pl.col("amount_fen").cast(pl.Int64).alias("after_fen"))
    people = before.join(after, on=KEY, how="full", coalesce=True).with_columns(
        pl.col("before_fen", "after_fen").fill_null(0)
    )
    change = pl.col("after_fen") - pl.col("before_fen")
    rate = pl.when(pl.col("before_fen") > 0).then(change / pl.col("before_fen"))
    people = people.with_columns(change_fen=change, change_rate=rate).sort(KEY)
    every = people.with_columns(pool=pl.lit(None, pl.String))
    pools = pl.concat([_measures(every), _measures(people)]) if people.height else _measures(people)
    tables = [_grouped(people, attributes, column, min_n) for column in by] if attributes is not None else []
    return Comparison(people, pools, pl.concat(tables) if tables else pl.DataFrame())


def equal_shares(payments: pl.DataFrame) -> pl.DataFrame:
    """The baseline of equal shares: each pool's paid fen over its eligible people, the odd ones by staff key.

    Args:
        payments: ``Allocation.payments``.
    """
    is_in = pl.col("exclusion").is_null()
    count, paid = is_in.sum().over("pool"), pl.col("amount_fen").sum().over("pool")
    place = is_in.cum_sum().over("pool") - 1
    share = pl.when(is_in).then(paid // count + (place < paid % count).cast(pl.Int64)).otherwise(0)
    return payments.sort(KEY).select(*KEY, amount_fen=share)


def gini(amounts: Integers, groups: Groups) -> list[float | None]:
    """Gini coefficient of each group: Σ (2 i − n − 1) xᵢ / (n Σ x) over amounts in rising order.

    0: all equal. None where nothing is paid. Amounts that a fixed item makes negative are refused before they are paid.
    """
    order = np.lexsort((amounts, groups.number))
    ordered = amounts[order].astype(object)
    weight = (2 * (groups.places + 1) - groups.sizes[groups.number] - 1).astype(object)
    above, sums = groups.sums(weight * ordered), groups.sums(ordered)
    return [
        float(high) / (int(size) * float(total)) if total > 0 else None
        for high, size, total in zip(above, groups.sizes, sums, strict=True)
    ]


def tenth_ratio(amounts: Integers, groups: Groups) -> list[float | None]:
    """Mean of the best-paid tenth over that of the worst-paid tenth, tenths rounded up to whole people.

    None where a group has fewer than two people or the lowest tenth gets nothing.
    """
    order = np.lexsort((amounts, groups.number))
    ordered, tenth = amounts[order], (groups.sizes + 9) // 10
    low = groups.places < tenth[groups.number]
    high = groups.places >= (groups.sizes - tenth)[groups.number]
    bottom, top = groups.sums(np.where(low, ordered, 0)), groups.sums(np.where(high, ordered, 0))
    return [
        float(most) / float(least) if size > 1 and least > 0 else None
        for most, least, size in zip(top, bottom, groups.sizes, strict=True)
    ]


def _measures(people: pl.DataFrame) -> pl.DataFrame:
    groups = Groups.of(people["pool"].rle_id().cast(pl.Int64).to_numpy())
    columns = {}
    for when in ("before", "after"):
        amounts = people[f"{when}_fen"].to_numpy()
        columns[f"gini_{when}"] = pl.Series(gini(amounts, groups), dtype=pl.Float64)
        columns[f"tenth_ratio_{when}"] = pl.Series(tenth_ratio(amounts, groups), dtype=pl.Float64)
    change = pl.col("change_fen")
    counted = people.group_by("pool", maintain_order=True).agg(
        n=pl.len().cast(pl.Int64),
        **_shares(),
        largest_gain_fen=change.max().clip(lower_bound=0),
        largest_loss_fen=-change.min().clip(upper_bound=0),
    )
    names = ("gini_before", "gini_after", "tenth_ratio_before", "tenth_ratio_after")
    return counted.with_columns(**columns).select("pool", "n", *names, pl.exclude("pool", "n", *names))


def _shares() -> dict[str, pl.Expr]:
    gains, loses = pl.col("change_fen") > 0, pl.col("change_fen") < 0
    return {
        "gain_count": gains.sum().cast(pl.Int64),
        "gain_rate": gains.mean(),
        "loss_count": loses.sum().cast(pl.Int64),
        "loss_rate": loses.mean(),
    }


def _grouped(people: pl.DataFrame, attributes: pl.DataFrame, column: str, min_n: int) -> pl.DataFrame:
    labels = attributes.select(*KEY, pl.col(column).cast(pl.String).alias("value"))
    means = {f"mean_{name}_fen": pl.col(f"{name}_fen").mean() for name in ("before", "after", "change")}
    table = (
        people.join(labels, on=KEY, how="left")
        .group_by("value")
        .agg(n=pl.len().cast(pl.Int64), **means, **_shares())
        .sort("n", "value")
    )
    # The smallest first: withheld are those below the limit, and then as many as keep the rest from telling them.
    small = (pl.col("n") < min_n).any()
    before = pl.col("n").cum_sum() - pl.col("n")
    place = pl.int_range(pl.len())
    withheld = (pl.col("n") < min_n) | (small & ((place < 2) | (before < min_n)))
    table = table.with_columns(is_withheld=withheld).sort("value")
    hidden = pl.when(~pl.col("is_withheld")).then(pl.col(_FIGURES)).name.keep()
    return table.select(pl.lit(column).alias("column"), "value", "n", "is_withheld", hidden)
