"""Figures that the platform filled in for a person, read from the cycle's frozen frames. Blocks: call it in a thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from services.teacher_eval.evaluations.schemas import FigureOut
from shared.kernel.store.columnar import ColumnarStore

UNIT = "unit_code"


def figures_of(store: ColumnarStore, filled: Mapping[str, Any] | None, staff_key: str) -> dict[str, FigureOut]:
    """The figures of one person, by leaf.

    Args:
        store: where the frames are.
        filled: of the cycle: ``{"values": SHA-256, "errors": SHA-256 | None, "origins": {leaf: {...}}}``.
        staff_key: the person.
    """
    if filled is None:
        return {}
    values, errors = (_row(store, filled.get(name), staff_key) for name in ("values", "errors"))
    origins = filled.get("origins") or {}
    return {
        leaf: FigureOut(value=value, standard_error=errors.get(leaf), origin=origins.get(leaf))
        for leaf, value in values.items()
        if value is not None
    }


def _row(store: ColumnarStore, sha256: str | None, staff_key: str) -> dict[str, Any]:
    if sha256 is None:
        return {}
    found = store.scan(sha256).filter(pl.col(UNIT) == staff_key).collect()
    return found.drop(UNIT).to_dicts()[0] if found.height else {}
