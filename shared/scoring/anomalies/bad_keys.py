"""Choice items whose key is probably wrong (SCORING §7b.1)."""

from __future__ import annotations

import polars as pl


def bad_keys(option_flags: pl.DataFrame) -> pl.DataFrame:
    """One row per choice item: does some other option behave like the key, and better than it?

    The statistic is the rest correlation (§7.3) of choosing the best distractor minus that of choosing the key.
    An item is flagged when the 95 % interval of the distractor lies wholly above that of the key. For a distractor of the
    same true correlation as the key this has a chance of 0.3 % if the two estimates were independent and 2.5 % at most
    (an item of two options, where one estimate is the other's mirror); under a sound key practically never.

    Args:
        option_flags: the frame of that name of an item analysis (``items.options.option_flags``).

    Returns:
        ``item, key, best_option, key_rest_correlation, best_rest_correlation, statistic, outdraws_key_at_top, is_flagged``
        in the order of the paper. An item whose correlations do not exist (few candidates, an option nobody chose) is
        not flagged; without any distractor that has one it has no row.
    """
    figures = ["item", "position", "option", "rest_correlation", "rest_correlation_ci_low", "rest_correlation_ci_high"]
    chosen = option_flags.filter(pl.col("option").is_not_null())
    key = chosen.filter("is_key").select(figures)
    best = (
        chosen.filter(~pl.col("is_key"), pl.col("rest_correlation").is_not_null())
        .sort("position", "rest_correlation", "option", descending=[False, True, False])
        .unique("item", keep="first", maintain_order=True)
        .select(*figures, "outdraws_key_at_top")
    )
    both = key.join(best, on=["item", "position"], suffix="_best", maintain_order="left").sort("position")
    above = pl.col("rest_correlation_ci_low_best") > pl.col("rest_correlation_ci_high")
    return both.select(
        "item",
        pl.col("option").alias("key"),
        pl.col("option_best").alias("best_option"),
        pl.col("rest_correlation").alias("key_rest_correlation"),
        pl.col("rest_correlation_best").alias("best_rest_correlation"),
        (pl.col("rest_correlation_best") - pl.col("rest_correlation")).alias("statistic"),
        "outdraws_key_at_top",
        above.fill_null(value=False).alias("is_flagged"),
    )
