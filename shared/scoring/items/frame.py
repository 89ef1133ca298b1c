"""The checked item sheet: one row per candidate, one integer per item (SCORING §1, §7)."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from shared.scoring.frame import FAULTS_SHOWN, STATUS_SUFFIX, MarkUnit, check_sheet
from shared.scoring.items.plan import Item, ItemPlan
from shared.scoring.levels import KEY_COLUMNS
from shared.scoring.plan import AnalysisPlan
from shared.scoring.subjects import STATUS_LABELS, TOTAL, MarkStatus
from shared.terms.errors import DomainError, Fault

STATUS = "status"
OPTION_SUFFIX = "__option"


@dataclass(frozen=True, slots=True, eq=False)
class ItemSheet:
    """A checked item sheet.

    Args:
        frame: ``candidate_id``, the key columns, one Int32 code column per item (grid units of the item, else the
            status) and for ``total`` (grid units of the total), and per choice item ``<item>__option``: position of
            the chosen option in the plan, the number of options where none was chosen, −1 for the absent.
        plan: the items.
    """

    frame: pl.DataFrame
    plan: ItemPlan


def check_item_sheet(frame: pl.DataFrame, plan: ItemPlan, *, unit: MarkUnit = MarkUnit.MARK) -> ItemSheet:
    """Checks an item sheet and turns its cells into codes.

    Args:
        frame: ``candidate_id``, ``county_code``, ``school_code``, ``class_code``, ``status`` (of the paper), a numeric
            column per item, and for items with options the text ``<item>__option`` (null: none chosen). Other columns
            are ignored.
        plan: the items expected.
        unit: whether numbers are marks, or already whole grid units of their item.

    Returns:
        The sheet, rows in the order given.

    Raises:
        DomainError: ``scoring.sheet_invalid`` with the first 1,000 faults: all of a mark sheet's, an option that is
            not among the item's, an option of a candidate who was not present.
    """
    _require_columns(frame, plan)
    status = pl.col(STATUS).cast(pl.String)
    known = status.is_in(STATUS_LABELS).fill_null(value=False)
    marks = AnalysisPlan(outcomes=tuple(item.grid for item in plan.items), models=(), comparisons=())
    refusals = [_own_faults(frame, plan, known=known)]
    # Where the status is unknown the marks are still looked at, so that one answer names every fault.
    guess = [
        pl.when(known)
        .then(status)
        .when(pl.col(code).is_not_null())
        .then(pl.lit(MarkStatus.PRESENT.label))
        .otherwise(pl.lit(MarkStatus.ABSENT.label))
        .alias(code + STATUS_SUFFIX)
        for code in plan.codes
    ]
    try:
        sheet = check_sheet(frame.with_columns(guess), marks, unit=unit)
    except DomainError as refusal:
        refusals.append(refusal)
    found = [refusal for refusal in refusals if refusal.fault_count]
    if found:
        count = sum(refusal.fault_count for refusal in found)
        faults = [fault for refusal in found for fault in refusal.faults][:FAULTS_SHOWN]
        raise DomainError("scoring.sheet_invalid", params={"count": count}, faults=faults, fault_count=count)
    chosen = frame.select(_option(item) for _, item in plan.choice_items)
    codes = sheet.frame.select("candidate_id", *KEY_COLUMNS, *plan.codes, TOTAL)
    return ItemSheet(pl.concat([codes, chosen], how="horizontal") if chosen.width else codes, plan)


def _require_columns(frame: pl.DataFrame, plan: ItemPlan) -> None:
    needed = ["candidate_id", *KEY_COLUMNS, STATUS, *plan.codes]
    needed += [item.code + OPTION_SUFFIX for _, item in plan.choice_items]
    faults = [Fault("scoring.column_missing", column=column) for column in needed if column not in frame.columns]
    if faults:
        raise DomainError("scoring.sheet_invalid", params={"count": len(faults)}, faults=faults)


def _own_faults(frame: pl.DataFrame, plan: ItemPlan, *, known: pl.Expr) -> DomainError:
    rules = [("scoring.status_unknown", STATUS, ~known)]
    present = pl.col(STATUS).cast(pl.String).eq_missing(pl.lit(MarkStatus.PRESENT.label))
    for _, item in plan.choice_items:
        column = item.code + OPTION_SUFFIX
        chosen = pl.col(column).cast(pl.String)
        rules.append(("scoring.option_unknown", column, chosen.is_not_null() & ~chosen.is_in(item.options)))
        rules.append(("scoring.option_without_presence", column, chosen.is_not_null() & known & ~present))
    faults: list[Fault] = []
    count = 0
    for code, column, rule in rules:
        hits = frame.filter(rule.fill_null(value=False))
        count += hits.height
        shown = hits.select("candidate_id", pl.col(column).cast(pl.String)).head(FAULTS_SHOWN - len(faults))
        faults += [
            Fault(code, column=column, source_id=None if name is None else str(name), value=value and value[:40])
            for name, value in shown.iter_rows()
        ]
    return DomainError("scoring.sheet_invalid", faults=faults, fault_count=count)


def _option(item: Item) -> pl.Expr:
    column = item.code + OPTION_SUFFIX
    positions = pl.Enum(item.options)
    chosen = pl.col(column).cast(pl.String).cast(positions).to_physical().cast(pl.Int16)
    absent = pl.col(STATUS).cast(pl.String) != MarkStatus.PRESENT.label
    return pl.when(absent).then(pl.lit(-1, pl.Int16)).otherwise(chosen.fill_null(len(item.options))).alias(column)
