"""Variance zones: the schools in pairs, as the replicates need them (SCORING §8b.7)."""

from __future__ import annotations

import polars as pl


def variance_zones(weighted: pl.DataFrame) -> pl.DataFrame:
    """Adds ``zone`` (from 0) and ``unit`` (0 or 1).

    Schools that took part are paired along the order in which they were drawn, inside strata: each pair is a zone, each
    school a unit. A school left over, and every school that was certain to be drawn (whose pupils are then the first
    stage), is a zone of its own; its pupils fall to the two units in turn, by pupil number.

    Args:
        weighted: pupils with ``stratum, position, is_certain, school_code, student_id``.

    Returns:
        The same rows in order of stratum, position and pupil number.
    """
    schools = (
        weighted.select("stratum", "position", "is_certain", "school_code")
        .unique()
        .sort("stratum", "position", "is_certain")
    )
    family = ["stratum", "is_certain"]
    place, count = pl.int_range(pl.len()).over(family), pl.len().over(family)
    alone = pl.col("is_certain") | ((place == count - 1) & (count % 2 == 1))
    pair = pl.when("is_certain").then(place).otherwise(place // 2)
    zoned = schools.with_columns(alone.alias("__alone"), pair.alias("__pair"), (place % 2).alias("__side"))
    zones = zoned.select(*family, "__pair").unique(maintain_order=True).with_row_index("zone")
    zoned = zoned.join(zones, on=[*family, "__pair"])
    rows = weighted.join(zoned.select("school_code", "zone", "__alone", "__side"), on="school_code")
    rows = rows.sort("stratum", "position", "student_id")
    turn = pl.int_range(pl.len()).over("school_code") % 2
    unit = pl.when("__alone").then(turn).otherwise("__side")
    return rows.with_columns(pl.col("zone").cast(pl.Int64), unit.cast(pl.Int64).alias("unit")).drop("__alone", "__side")
