"""Whether two contenders give the same figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl


def differences(ours: Path, theirs: Path, *, tolerance: float) -> list[str]:
    """What differs between two tables of the same columns and rows; empty where they agree.

    Args:
        ours: our figures, Parquet.
        theirs: the rival's.
        tolerance: relative difference allowed; figures near 0 may differ by the same absolutely.
    """
    left, right = pl.read_parquet(ours), pl.read_parquet(theirs)
    if left.shape != right.shape:
        return [f"{left.shape} against {right.shape}"]
    return [column for column in left.columns if not _equal(left[column], right[column], tolerance)]


def _equal(left: pl.Series, right: pl.Series, tolerance: float) -> bool:
    if not left.dtype.is_numeric():
        return left.equals(right)
    if not (left.is_null() == right.is_null()).all():
        return False
    one, other = (side.fill_null(0).cast(pl.Float64).to_numpy() for side in (left, right))
    return bool(np.allclose(one, other, rtol=tolerance, atol=tolerance))
