"""What candidates chose in choice items: options that drew more than they should, over all candidates."""

from __future__ import annotations

from typing import Any

import polars as pl

from services.monitoring.reports.shown import ShownTables, statistic
from services.monitoring.results.catalog import TABLES

FRAME = "option_flags"


def options(tables: ShownTables, subject: str) -> list[dict[str, Any]]:
    """Choice items in the order of the paper, each with its options over all candidates and what is noticed of them."""
    if not tables.has(FRAME):
        return []
    items: dict[str, dict[str, Any]] = {}
    for row in tables.rows(FRAME, pl.col("subject") == subject).iter_rows(named=True):
        item = items.setdefault(row["item"], {"code": row["item"], "options": []})
        share = statistic(
            row["share"],
            TABLES[FRAME].method,
            n=row["n"],
            se=row["share_se"],
            ci=(row["share_ci_low"], row["share_ci_high"]),
        )
        item["options"].append(
            {
                "option": row["option"],
                "is_key": row["is_key"],
                "reference_share": share,
                "own_shares": [],
                "outdraws_key_at_top": row["outdraws_key_at_top"],
                "attracts_the_able": row["attracts_the_able"],
            }
        )
    return list(items.values())
