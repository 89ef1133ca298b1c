"""Levels of checkpoints out of what several people observed: the weighted middle of their words, on a level again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from shared.scoring.rounding import whole_half_up

_HEIGHT, _COUNT = "__height", "n"


def source_levels(words: pl.DataFrame, choices: Mapping[str, Sequence[str]], least: Mapping[str, int]) -> pl.DataFrame:
    """What each source said of each unit on each leaf: the mean of its words.

    Args:
        words: ``unit_code, leaf, source, level, n``: how many words of a source gave a level.
        choices: by leaf its levels, best first.
        least: by source the fewest words that count; below it nothing is said of them.

    Returns:
        ``unit_code, leaf, source, height`` (0 of the worst level, 1 more of each better one), ``n`` and ``level``, the level
        nearest to it, by unit, leaf and source. Halves go to the better level.
    """
    heights = _heights(choices)
    count = pl.col(_COUNT)
    fewest = pl.col("source").replace_strict(dict(least), default=1, return_dtype=pl.Int64)
    said = (
        words.join(heights, on=["leaf", "level"])
        .group_by("unit_code", "leaf", "source")
        .agg(((pl.col(_HEIGHT) * count).sum() / count.sum()).alias("height"), count.sum())
        .filter(count >= fewest)
    )
    return _with_level(said, heights).sort("unit_code", "leaf", "source")


def combined_levels(
    said: pl.DataFrame,
    choices: Mapping[str, Sequence[str]],
    weights: Mapping[str, Mapping[str, float]],
    *,
    least_weight_rate: float,
) -> pl.DataFrame:
    """The level of each unit on each leaf: ``Σ w h / Σ w`` over the sources that spoke, on the nearest level.

    Args:
        said: of :func:`source_levels`.
        choices: by leaf its levels, best first.
        weights: by leaf the weight of every source asked; words of others do not count.
        least_weight_rate: share of the weights asked that has to have spoken.

    Returns:
        ``unit_code, leaf, value`` (the level), by unit and leaf; leaves on which too few spoke are left out.
    """
    rows = [
        {"leaf": leaf, "source": source, "weight": float(weight), "asked": float(sum(asked.values()))}
        for leaf, asked in weights.items()
        for source, weight in asked.items()
    ]
    schema = {"leaf": pl.String(), "source": pl.String(), "weight": pl.Float64(), "asked": pl.Float64()}
    weighed = said.join(pl.DataFrame(rows, schema=schema), on=["leaf", "source"])
    weight = pl.col("weight")
    together = (
        weighed.group_by("unit_code", "leaf")
        .agg(
            ((pl.col("height") * weight).sum() / weight.sum()).alias("height"),
            (weight.sum() / pl.col("asked").first()).alias("__spoken"),
        )
        # A hair of float noise decides nothing.
        .filter(pl.col("__spoken") >= least_weight_rate - 1e-9)
    )
    found = _with_level(together, _heights(choices))
    return found.select("unit_code", "leaf", pl.col("level").alias("value")).sort("unit_code", "leaf")


def _heights(choices: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    rows = [
        (leaf, level, len(levels) - 1 - place) for leaf, levels in choices.items() for place, level in enumerate(levels)
    ]
    return pl.DataFrame(rows, schema={"leaf": pl.String, "level": pl.String, _HEIGHT: pl.Int64}, orient="row")


def _with_level(frame: pl.DataFrame, heights: pl.DataFrame) -> pl.DataFrame:
    nearest = pl.Series(_HEIGHT, whole_half_up(frame["height"].to_numpy()), dtype=pl.Int64)
    return frame.with_columns(nearest).join(heights, on=["leaf", _HEIGHT]).drop(_HEIGHT)
