"""Logs are appended to, cut under the writing process, and kept in a few numbered copies."""

from __future__ import annotations

import os
from pathlib import Path

from launch import log_files


def test_a_large_log_is_cut_while_its_writer_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "web.log"
    descriptor = log_files.open_log(path)
    for round_number in range(5):
        os.write(descriptor, f"round {round_number} ".encode() + b"x" * 100 + b"\n")
        assert log_files.rotate(path, max_bytes=50, kept=2)
    os.write(descriptor, b"after\n")
    os.close(descriptor)
    assert path.read_text() == "after\n"
    assert (tmp_path / "web.log.1").read_text().startswith("round 4 ")
    assert (tmp_path / "web.log.2").read_text().startswith("round 3 ")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["web.log", "web.log.1", "web.log.2"]


def test_a_small_or_absent_log_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "web.log"
    assert not log_files.rotate(path)
    path.write_text("short")
    assert not log_files.rotate(path)


def test_only_its_owner_reads_a_log(tmp_path: Path) -> None:
    os.close(log_files.open_log(tmp_path / "log" / "web.log"))
    assert (tmp_path / "log" / "web.log").stat().st_mode & 0o777 == 0o600


def test_the_tail_is_of_the_last_life_only(tmp_path: Path) -> None:
    path = tmp_path / "web.log"
    path.write_text("former life\n")
    before = path.stat().st_size
    with path.open("a", encoding="utf-8") as file:
        file.write("一\n二\n三\n")
    assert log_files.tail(path, 2, since=before) == "二\n三"
    assert log_files.tail(path, 9, since=before) == "一\n二\n三"
    assert log_files.tail(tmp_path / "absent") == ""
