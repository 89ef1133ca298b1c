"""Shares of candidates in bands of marks, beside those of the reference group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from services.monitoring.reports.shown import ShownTables
from shared.scoring.levels import KEY_COLUMNS


def distribution(
    tables: ShownTables, group: Mapping[str, Any], reference: Mapping[str, Any] | None, subject: str
) -> list[dict[str, Any]]:
    """Bands from the top down, each with the group's share and the reference's; empty where none are shown.

    Returns:
        ``band_low, band_high, count, share, reference_share``; classes have no bands, only their reference has.
    """
    own = _bands(tables, group, subject)
    outer = _bands(tables, reference, subject) if reference is not None else {}
    return [
        {
            "band_low": low,
            "band_high": high,
            "count": own[low, high][0],
            "share": own[low, high][1],
            "reference_share": outer[low, high][1] if (low, high) in outer else None,
        }
        for low, high in own
    ]


def _bands(tables: ShownTables, group: Mapping[str, Any], subject: str) -> dict[tuple[float, float], tuple[int, float]]:
    keys = [pl.col(key).eq_missing(pl.lit(group[key], pl.String)) for key in KEY_COLUMNS]
    wanted = [pl.col("level") == group["level"], pl.col("subject") == subject, *keys]
    columns = ["level", *KEY_COLUMNS, "subject", "suppressed", "band_low", "band_high", "count", "share"]
    frame = tables.rows("bands", *wanted, columns=columns)
    return {(row["band_low"], row["band_high"]): (row["count"], row["share"]) for row in frame.iter_rows(named=True)}
