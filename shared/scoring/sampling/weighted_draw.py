"""Drawing units with given chances and fixed numbers per stratum: who has waited longer is more likely to be drawn.

Chances are exact: a unit of weight w is drawn with probability n · w / Σ w of its stratum (one that would reach 1 is drawn
for certain, the rest shared anew), by systematic selection along a list whose blocks stand in order and whose units stand
in random order inside their block, so that every block gets its share.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from shared.scoring.sampling.draws import generator
from shared.scoring.sampling.selection import inclusion, systematic_sample
from shared.terms.errors import DomainError

UNIT_STAGE, SECOND_STAGE = 11, 12
DRAW_SCHEMA: dict[str, pl.DataType] = {
    "unit_code": pl.String(),
    "stratum": pl.String(),
    "probability": pl.Float64(),
    "is_drawn": pl.Boolean(),
    "reserve_order": pl.Int64(),
}


def draw_by_weight(frame: pl.DataFrame, numbers: Mapping[str, int], *, seed: int) -> pl.DataFrame:
    """Draws fixed numbers of units per stratum, and puts the others in a random order of reserve.

    Args:
        frame: ``unit_code, stratum, block`` (text) and ``weight`` (whole number ≥ 1); row order does not matter.
        numbers: stratum → units to draw.
        seed: ≥ 0, chosen after the frame was closed.

    Returns:
        ``DRAW_SCHEMA`` by unit code: the inclusion probability, whether it was drawn, and its place among the reserve of its
        stratum (1 first; null of drawn units).

    Raises:
        DomainError: ``scoring.sample_allocation`` when a stratum has fewer units than are to be drawn.
    """
    random = generator(seed, UNIT_STAGE)
    parts = []
    # Strata are few; inside one everything is an array operation.
    for stratum in frame.sort("stratum", "unit_code").partition_by("stratum", maintain_order=True):
        number = numbers.get(stratum["stratum"][0], 0)
        if number > stratum.height:
            raise DomainError("scoring.sample_allocation", params={"schools": number})
        parts.append(_drawn(stratum, number, random))
    return pl.concat(parts).sort("unit_code") if parts else pl.DataFrame(schema=DRAW_SCHEMA)


def drawn_share(units: pl.Series, rate: float, *, seed: int) -> list[str]:
    """A simple random share of units, at least one where any share is asked for: those to be rated twice.

    Args:
        units: codes; order does not matter.
        rate: 0 to 1; the number is rounded up.
        seed: the draw's seed; the stream is one of its own.
    """
    ordered = units.sort().to_list()
    number = int(np.ceil(round(rate * len(ordered), 9)))
    chosen = generator(seed, SECOND_STAGE).permutation(len(ordered))[:number]
    return sorted(ordered[place] for place in chosen)


def _drawn(stratum: pl.DataFrame, number: int, random: np.random.Generator) -> pl.DataFrame:
    shuffled = stratum.with_columns(pl.Series("turn", random.random(stratum.height))).sort("block", "turn", "unit_code")
    weight = shuffled["weight"].to_numpy()
    found = inclusion(weight, number)
    start = int(random.integers(max(found.remaining, 1)))
    chosen = systematic_sample(weight, found, start)
    # Efraimidis and Spirakis (2006): ordering by u^(1/w) draws one after another with chances proportional to weight.
    key = random.random(stratum.height) ** (1 / weight)
    waiting = pl.when(~pl.col("is_drawn")).then(pl.col("key"))
    return shuffled.with_columns(
        pl.Series("probability", found.probability),
        pl.Series("is_drawn", chosen),
        pl.Series("key", key),
    ).select(
        "unit_code",
        "stratum",
        "probability",
        "is_drawn",
        waiting.rank("ordinal", descending=True).cast(pl.Int64).alias("reserve_order"),
    )
