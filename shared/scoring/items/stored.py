"""An item analysis straight from a stored sheet (SCORING §7), where nothing is checked again."""

from __future__ import annotations

import polars as pl

from shared.scoring.items.analysis import ItemAnalysis, finish_items
from shared.scoring.items.columns import stored_columns
from shared.scoring.items.plan import ItemPlan
from shared.scoring.items.summary import ItemSummary, gather_item_codes
from shared.terms.errors import DomainError


def gather_stored_items(sheet: pl.LazyFrame, plan: ItemPlan) -> ItemSummary:
    """Gathers a stored sheet.

    Args:
        sheet: the frame of a checked sheet (:class:`shared.scoring.items.frame.ItemSheet`), such as
            ``pl.scan_parquet`` of a stored one; codes and option positions may be of any signed integer type. Nothing
            is checked again.
        plan: the items.

    Returns:
        The summary of :func:`shared.scoring.items.summary.gather_items`, byte for byte.
    """
    return gather_item_codes(sheet.select(stored_columns(plan)).collect(), plan)


def analyze_stored_items(sheet: pl.LazyFrame, plan: ItemPlan) -> ItemAnalysis:
    """All figures of a stored sheet, which is read once.

    Args:
        sheet: as for :func:`gather_stored_items`; no candidate stands in it twice.
        plan: the items.

    Raises:
        DomainError: ``scoring.no_candidates`` for a sheet without rows.
    """
    summary = gather_stored_items(sheet, plan)
    if summary.groups.keys.is_empty():
        raise DomainError("scoring.no_candidates")
    return finish_items(summary)
