"""Children of the nursery: each reads one table, and whatever becomes of one, the next is served."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import psutil
import pytest

from shared.kernel.tabular import sandbox
from shared.kernel.tabular.columns import TableFormat, TableLimits
from shared.terms.errors import DomainError
from tests.kernel.tabular.tables import HEADER, write_parquet

ROWS: list[list[str | None]] = [["A001", "张三", "present", "85.5"], ["A002", "李四", "absent", None]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_parquet(tmp_path / "marks.parquet", HEADER, ROWS)


def read(path: Path, limits: TableLimits | None = None) -> int:
    raw = sandbox.read_confined(path, TableFormat.PARQUET, columns=[], limits=limits or TableLimits(), sheet=None)
    return raw.frame.height


def nursery() -> psutil.Process:
    process = sandbox._nursery.process
    assert process is not None
    return psutil.Process(process.pid)


def test_many_threads_are_served_by_one_nursery_that_reads_nothing_itself(file: Path) -> None:
    assert read(file) == 2
    before = nursery().pid
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, [file] * 24)) == [2] * 24
    assert nursery().pid == before
    open_files = [entry.path for entry in nursery().open_files()]
    assert str(file) not in open_files


def test_a_nursery_that_died_is_replaced(file: Path) -> None:
    read(file)
    gone = nursery()
    gone.send_signal(signal.SIGKILL)
    psutil.wait_procs([gone], timeout=5)
    assert read(file) == 2
    assert nursery().pid != gone.pid


def test_a_child_that_takes_too_long_is_killed_and_the_next_is_served(tmp_path: Path, file: Path) -> None:
    pipe = tmp_path / "never.parquet"
    os.mkfifo(pipe)
    read(file)
    request = {
        "path": str(pipe),
        "format": TableFormat.PARQUET.value,
        "sheet": None,
        "limits": asdict(TableLimits()),
        "text_headers": [],
    }
    began = time.monotonic()
    assert sandbox._run(json.dumps(request).encode(), replace(TableLimits(), seconds=1)) is None
    assert time.monotonic() - began < 4
    assert read(file) == 2
    deadline = time.monotonic() + 4
    while any(child.status() != psutil.STATUS_ZOMBIE for child in nursery().children()):
        assert time.monotonic() < deadline, "a child outlived its time"
        time.sleep(0.05)


def test_a_child_without_memory_refuses_and_leaves_the_nursery_alone(file: Path) -> None:
    read(file)
    before = nursery().pid
    with pytest.raises(DomainError) as caught:
        read(file, replace(TableLimits(), memory_bytes=8 * 2**20))
    assert caught.value.code in ("table.too_costly", "table.unreadable")
    assert read(file) == 2
    assert nursery().pid == before


def test_no_thread_is_left_behind(file: Path) -> None:
    read(file)
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer) and thread.is_alive()]
