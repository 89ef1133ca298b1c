"""The columnar store: named by content, whole or absent, swept of what nobody names."""

import os
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from shared.kernel.store.columnar import ColumnarStore
from shared.terms.errors import DomainError

FRAME = pl.DataFrame({"a": [1, 2, None], "名": ["x", "y", "z"]})


def test_a_frame_comes_back_and_twice_is_once(tmp_path: Path) -> None:
    store = ColumnarStore(tmp_path.as_uri())
    stored = store.put(FRAME)
    assert store.put(FRAME) == stored
    assert store.get(stored.sha256).equals(FRAME)
    assert store.get(stored.sha256, columns=["a"]).columns == ["a"]
    assert stored.rows == 3
    assert store.is_sound(stored.sha256)
    assert len(list(tmp_path.glob("*/*"))) == 1


def test_damage_is_noticed(tmp_path: Path) -> None:
    store = ColumnarStore(str(tmp_path))
    stored = store.put(FRAME)
    path = store.path(stored.sha256)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert not store.is_sound(stored.sha256)
    assert not store.is_sound("0" * 64)


def test_the_sweep_leaves_what_is_named_and_what_is_young(tmp_path: Path) -> None:
    store = ColumnarStore(str(tmp_path))
    named, orphan, young = (store.put(FRAME.with_columns(n=pl.lit(n))) for n in range(3))
    for stored in (named, orphan):
        os.utime(store.path(stored.sha256), (time.time() - 90_000,) * 2)
    (store.path(named.sha256).parent / ".half.tmp").write_bytes(b"x")
    os.utime(store.path(named.sha256).parent / ".half.tmp", (0, 0))
    assert store.sweep([named.sha256]) == 2
    assert store.is_sound(named.sha256)
    assert store.is_sound(young.sha256)
    assert not store.is_sound(orphan.sha256)


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ColumnarStore(str(tmp_path))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DomainError, match="storage_full"):
        store.put(FRAME)
    assert list(tmp_path.glob("*/*")) == []


def test_only_folders_are_stores(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="only folders"):
        ColumnarStore("s3://bucket/x")


WRITER = """
import sys
import polars as pl
from shared.kernel.store.columnar import ColumnarStore
store = ColumnarStore(sys.argv[1])
for n in range(100000):
    print(store.put(pl.DataFrame({"n": [n] * 1000})).sha256, flush=True)
"""


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    for _ in range(3):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        acknowledged += [writer.stdout.readline().strip() for _ in range(20)]
        writer.kill()
        writer.wait()
        writer.stdout.close()
    store = ColumnarStore(str(tmp_path))
    assert all(store.is_sound(sha256) for sha256 in acknowledged)
    assert all(store.is_sound(path.stem) for path in tmp_path.glob("*/*.parquet"))
