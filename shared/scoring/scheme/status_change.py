"""Where a unit stands and where it is going: five levels of status by five of change (SCORING §10.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from shared.scoring.rounding import without_noise_expr
from shared.scoring.scheme.unit_values import UNIT

_KEY = [UNIT, "node"]
MIDDLE = 3
LEVELS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class GridSettings:
    """Cut points of the grid.

    Args:
        status_cuts: four, rising; a value on a cut belongs to the level above. Shares of full marks, as values are.
        change_cuts: four, rising, two below 0 and two above; a change on a cut belongs to the level further from the middle.
        z: a change within ± z of its own standard errors is in the middle.
    """

    status_cuts: tuple[float, float, float, float] = (0.60, 0.70, 0.80, 0.90)
    change_cuts: tuple[float, float, float, float] = (-0.10, -0.03, 0.03, 0.10)
    z: float = 1.959963984540054

    def __post_init__(self) -> None:
        rising = all(list(cuts) == sorted(set(cuts)) for cuts in (self.status_cuts, self.change_cuts))
        if not rising or not self.change_cuts[1] < 0 < self.change_cuts[2]:
            raise ValueError("cut points rise, and those of change lie on both sides of 0")


@dataclass(frozen=True, slots=True, eq=False)
class StatusChange:
    """Cells of all units, and how many are in each.

    Args:
        cells: ``unit_code, node, value, earlier_value, change, change_se, is_significant, status_level, change_level``;
            levels 1 (worst) to 5; no change level without an earlier value; ``is_significant`` null without errors.
        grid: ``node, status_level, change_level, unit_count``, all 25 cells of every node.
    """

    cells: pl.DataFrame
    grid: pl.DataFrame


def status_change(current: pl.DataFrame, earlier: pl.DataFrame, settings: GridSettings | None = None) -> StatusChange:
    """Puts every unit and node into its cell.

    Args:
        current: ``unit_code, node, value`` and, where known, ``se``.
        earlier: the same of an earlier cycle.
        settings: defaults where ``None``.
    """
    settings = settings or GridSettings()
    now, before = _with_se(current), _with_se(earlier).rename({"value": "earlier_value", "se": "earlier_se"})
    change = pl.col("value") - pl.col("earlier_value")
    joined = now.join(before, on=_KEY, how="left", maintain_order="left").with_columns(
        without_noise_expr(change).alias("change"),
        (pl.col("se").pow(2) + pl.col("earlier_se").pow(2)).sqrt().alias("change_se"),
    )
    beyond = (pl.col("change").abs() > settings.z * pl.col("change_se")).alias("is_significant")
    level = pl.when(pl.col("is_significant").fill_null(value=True)).then(_change_level(settings)).otherwise(MIDDLE)
    cells = (
        joined.with_columns(beyond)
        .with_columns(
            _status_level(settings.status_cuts).alias("status_level"),
            pl.when(pl.col("change").is_not_null()).then(level).cast(pl.Int8).alias("change_level"),
        )
        .drop("se", "earlier_se")
        .sort(_KEY)
    )
    return StatusChange(cells, _grid(cells))


def _with_se(frame: pl.DataFrame) -> pl.DataFrame:
    se = pl.col("se") if "se" in frame.columns else pl.lit(None, pl.Float64).alias("se")
    return frame.select(*_KEY, "value", se)


def _status_level(cuts: Sequence[float]) -> pl.Expr:
    value = without_noise_expr(pl.col("value"))
    return pl.when(value.is_not_null()).then(1 + pl.sum_horizontal((value >= cut) for cut in cuts)).cast(pl.Int8)


def _change_level(settings: GridSettings) -> pl.Expr:
    large_fall, fall, rise, large_rise = settings.change_cuts
    change = pl.col("change")
    return (
        MIDDLE
        + (change >= rise).cast(pl.Int8)
        + (change >= large_rise).cast(pl.Int8)
        - (change <= fall).cast(pl.Int8)
        - (change <= large_fall).cast(pl.Int8)
    )


def _grid(cells: pl.DataFrame) -> pl.DataFrame:
    levels = pl.DataFrame({"level": range(1, LEVELS + 1)}, schema={"level": pl.Int8})
    every = (
        cells.select(pl.col("node").unique(maintain_order=True))
        .join(levels.rename({"level": "status_level"}), how="cross")
        .join(levels.rename({"level": "change_level"}), how="cross")
    )
    counted = cells.group_by("node", "status_level", "change_level").agg(pl.len().cast(pl.Int64).alias("unit_count"))
    joined = every.join(counted, on=["node", "status_level", "change_level"], how="left")
    return joined.with_columns(pl.col("unit_count").fill_null(0)).sort("node", "status_level", "change_level")
