"""Frames of results read from the store and kept: a file says the same for ever. Everything blocks: use a thread."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import polars as pl

from services.school_eval.results.tables import CampaignResult
from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.scheme.evaluation import Evaluation
from shared.scoring.scheme.group_comparison import group_comparison
from shared.scoring.scheme.tree import Scheme

HELD = 12


@lru_cache(maxsize=HELD)
def _frame(path: Path) -> pl.DataFrame:
    return pl.read_parquet(path)


def frame_of(store: ColumnarStore, result: CampaignResult, name: str) -> pl.DataFrame:
    """``scores`` or ``totals`` of a version."""
    return _frame(store.path(result.frames[name]["sha256"]))


def evaluation_of(store: ColumnarStore, result: CampaignResult) -> Evaluation:
    """What the scheme said of everybody."""
    return Evaluation(frame_of(store, result, "scores"), frame_of(store, result, "totals"))


@lru_cache(maxsize=HELD)
def _comparison(scores: Path, totals: Path, min_units: int) -> pl.DataFrame:
    return group_comparison(Evaluation(_frame(scores), _frame(totals)), min_units=min_units)


def comparison_of(store: ColumnarStore, result: CampaignResult, *, min_units: int) -> pl.DataFrame:
    """Everybody beside their like."""
    paths = (store.path(result.frames[name]["sha256"]) for name in ("scores", "totals"))
    return _comparison(*paths, min_units)


def changes_of(store: ColumnarStore, result: CampaignResult) -> pl.DataFrame | None:
    """Every figure that the version changed; ``None`` of a first version."""
    return None if result.changes is None else _frame(store.path(result.changes["sha256"]))


def node_names(scheme: Scheme) -> dict[str, dict[str, str]]:
    """Names of nodes by code."""
    return {node.code: {"zh": node.name.zh, "en": node.name.en} for _, node in scheme.nodes()}
