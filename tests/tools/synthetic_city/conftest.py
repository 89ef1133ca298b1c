"""One small city for all tests that only look."""

from __future__ import annotations

import polars as pl
import pytest

from tools.synthetic_city import City, CitySettings, build_city
from tools.synthetic_city.city import Chunk


@pytest.fixture(scope="session")
def city() -> City:
    return build_city(CitySettings(schools=60, pupils=9_000, seed=3))


@pytest.fixture(scope="session")
def whole(city: City) -> Chunk:
    """The city in one run."""
    (chunk,) = city.chunks()
    return chunk


@pytest.fixture(scope="session")
def students(whole: Chunk) -> pl.DataFrame:
    return whole.students()
