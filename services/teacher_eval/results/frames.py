"""Frames of results read from the store and kept: a file says the same for ever. Everything blocks: use a thread."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import polars as pl

from services.teacher_eval.results.tables import SchoolResult
from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.scheme.evaluation import Evaluation

SCHOOL = "school_code"
#: Schools whose frames are held in memory.
HELD = 64


@lru_cache(maxsize=2 * HELD)
def _frame(path: Path, school_code: str) -> pl.DataFrame:
    """A school's rows of a file that holds many schools, by school: groups of rows of others are left unread."""
    return pl.scan_parquet(path).filter(pl.col(SCHOOL) == school_code).drop(SCHOOL).collect()


def frame_of(store: ColumnarStore, result: SchoolResult, name: str, school_code: str) -> pl.DataFrame:
    """``scores`` or ``totals`` of a school's version."""
    return _frame(store.path(result.frames[name]), school_code)


def evaluation_of(store: ColumnarStore, result: SchoolResult, school_code: str) -> Evaluation:
    """What the scheme said of everybody of a school."""
    scores, totals = (frame_of(store, result, name, school_code) for name in ("scores", "totals"))
    return Evaluation(scores, totals)
