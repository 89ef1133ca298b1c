"""Checks of tables that come to a model from outside the mark sheet."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from shared.terms.errors import DomainError, Fault


def require_finite(
    frame: pl.DataFrame, *, numeric: Sequence[str], others: Sequence[str] = (), unique: Sequence[str] = ()
) -> None:
    """Refuses a table that lacks a column, or whose numbers are none.

    Missing values (null) pass; NaN and infinite numbers do not, for one of them would make every mean NaN.

    Args:
        frame: the table.
        numeric: columns that must hold finite numbers.
        others: columns that must be there.
        unique: columns, among these, that make a key.

    Raises:
        DomainError: ``scoring.model_input_invalid`` with every fault.
    """
    faults = [Fault("scoring.column_missing", column=name) for name in (*numeric, *others) if name not in frame.columns]
    for name in numeric:
        if name not in frame.columns:
            continue
        number = frame.schema[name].is_numeric() or frame.schema[name] == pl.Null
        if not number or not frame.select(pl.col(name).cast(pl.Float64).is_finite().all()).item():
            faults.append(Fault("scoring.value_not_finite", column=name))
    if unique and not faults and frame.select(unique).is_duplicated().any():
        faults.append(Fault("scoring.rows_doubled", column=", ".join(unique)))
    if faults:
        raise DomainError("scoring.model_input_invalid", params={"count": len(faults)}, faults=faults)
