"""Figures that the platform fills in for a school, read from the campaign's frozen frames. Blocks: call it in a thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.scheme.entered_values import Raw

UNIT = "unit_code"


@dataclass(frozen=True, slots=True)
class Prefilled:
    """A figure, its standard error where it has one, and where it is from."""

    value: Raw
    standard_error: float | None
    origin: Mapping[str, Any] | None


def prefilled_of(store: ColumnarStore, prefill: Mapping[str, Any] | None, school_code: str) -> dict[str, Prefilled]:
    """The figures of one school, by leaf.

    Args:
        store: where the frames are.
        prefill: of the campaign: ``{"values": SHA-256, "errors": SHA-256 | None, "origins": {leaf: {...}}}``.
        school_code: the school.
    """
    if prefill is None:
        return {}
    values, errors = (_row(store, prefill.get(name), school_code) for name in ("values", "errors"))
    origins = prefill.get("origins") or {}
    return {
        leaf: Prefilled(value, errors.get(leaf), origins.get(leaf))
        for leaf, value in values.items()
        if value is not None
    }


def _row(store: ColumnarStore, sha256: str | None, school_code: str) -> dict[str, Any]:
    if sha256 is None:
        return {}
    found = store.scan(sha256).filter(pl.col(UNIT) == school_code).collect()
    return found.drop(UNIT).to_dicts()[0] if found.height else {}
