"""The frozen roster, kept at hand: every upload of an exam is held against the same immutable file."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import polars as pl

from shared.kernel.store.columnar import ColumnarStore

#: Rosters kept in memory: exams that collect at the same time. One of 134,000 pupils takes some 15 MB.
KEPT = 2


def frozen_roster(store: ColumnarStore, sha256: str) -> pl.DataFrame:
    """``student_key, school_code, county_code, class_code`` of a frozen roster. Blocks when it is not at hand."""
    return _read(store.path(sha256))


@lru_cache(maxsize=KEPT)
def _read(path: Path) -> pl.DataFrame:
    return pl.read_parquet(path)
