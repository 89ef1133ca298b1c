"""Titles that are nearly the same, by the pairs of characters they share."""

from __future__ import annotations

import polars as pl

#: Titles compared at a time: common pairs of characters make many candidates.
_AT_ONCE = 200
_SCHEMA: dict[str, pl.DataType] = {"new": pl.UInt32(), "known": pl.UInt32(), "score": pl.Float64()}


def near_texts(new: pl.Series, known: pl.Series, *, least: float) -> pl.DataFrame:
    """Pairs of texts of two lists whose Dice coefficient of distinct character pairs reaches ``least``.

    Twice the number of shared pairs over the sum of both: 1 for texts of the same pairs, 0 where none is shared. Texts
    of one character are their own pair.

    Args:
        new: texts, already brought into the form in which they are to be compared.
        known: the others.
        least: above 0, up to 1.

    Returns:
        ``new, known, score``: positions in the two lists, by both.
    """
    grams, others = _pairs(new, "new"), _pairs(known, "known")
    sizes = others.group_by("known").agg(pl.len().alias("known_size"))
    found = [pl.DataFrame(schema=_SCHEMA)]
    for start in range(0, new.len(), _AT_ONCE):
        some = grams.filter(pl.col("new").is_between(start, start + _AT_ONCE - 1))
        shared = some.join(others, on="pair").group_by("new", "known").agg(pl.len().alias("shared"))
        own = some.group_by("new").agg(pl.len().alias("new_size"))
        scored = shared.join(own, on="new").join(sizes, on="known")
        score = 2 * pl.col("shared") / (pl.col("new_size") + pl.col("known_size"))
        found.append(scored.with_columns(score=score).filter(pl.col("score") >= least).select(*_SCHEMA))
    return pl.concat(found).sort("new", "known")


def _pairs(texts: pl.Series, name: str) -> pl.DataFrame:
    """Distinct character pairs of every text, by its position."""
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String}).with_row_index(name)
    long = frame.filter(pl.col("text").str.len_chars() > 1).with_columns(char=pl.col("text").str.split(""))
    chars = long.explode("char").select(name, "char", after=pl.col("char").shift(-1).over(name))
    pairs = chars.filter(pl.col("after").is_not_null()).select(name, pair=pl.col("char") + pl.col("after"))
    short = frame.filter(pl.col("text").str.len_chars() == 1).select(name, pair="text")
    return pl.concat([pairs, short]).unique(maintain_order=True)
