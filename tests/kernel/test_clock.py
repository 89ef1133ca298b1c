"""Time is read in one place; a test may move it, production never."""

import datetime as dt
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.kernel import clock


@pytest.fixture
def moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "clock"
    monkeypatch.setenv(clock.OFFSET_FILE_VARIABLE, str(path))
    importlib.reload(clock)
    yield path
    monkeypatch.delenv(clock.OFFSET_FILE_VARIABLE)
    monkeypatch.delenv("ENV", raising=False)
    importlib.reload(clock)


def test_the_time_is_aware_and_utc() -> None:
    assert clock.now().utcoffset() == dt.timedelta()


def test_a_file_moves_the_clock_while_it_is_there(moved: Path) -> None:
    assert abs(clock.now() - dt.datetime.now(dt.UTC)) < dt.timedelta(seconds=5)
    moved.write_text("864000", "ascii")
    assert abs(clock.now() - dt.datetime.now(dt.UTC) - dt.timedelta(days=10)) < dt.timedelta(seconds=5)


def test_nobody_moves_a_deadline_in_production(moved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENV", "production")
    with pytest.raises(RuntimeError, match="no place in production"):
        importlib.reload(clock)
