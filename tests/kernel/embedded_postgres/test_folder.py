"""When the embedded server refuses a folder, and what it says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared.kernel.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError, binaries
from shared.kernel.embedded_postgres.folder import FolderLock


def test_it_refuses_production_and_says_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENV", "production")
    with pytest.raises(EmbeddedPostgresError, match="DATABASE_URL") as refusal:
        EmbeddedPostgres(tmp_path / "data").start()
    assert "不使用内置" in refusal.value.zh
    assert not (tmp_path / "data").exists()


def test_it_refuses_a_path_longer_than_a_socket_can_have_and_says_how_to_mend_it(tmp_path: Path) -> None:
    long = tmp_path / ("d" * 100)
    with pytest.raises(EmbeddedPostgresError, match="set VAR_DIR to a shorter folder") as refusal:
        EmbeddedPostgres(long).start()
    assert "VAR_DIR" in refusal.value.zh
    assert not long.exists()


def test_it_leaves_a_folder_with_other_things_in_it_alone(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "thesis.docx").write_text("mine")
    with pytest.raises(EmbeddedPostgresError, match="neither empty nor a database"):
        EmbeddedPostgres(tmp_path / "data").start()
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["thesis.docx"]


def test_a_failed_initialization_leaves_nothing_and_frees_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "SUPERUSER", "pg_reserved")
    with pytest.raises(EmbeddedPostgresError, match="pg_"):
        EmbeddedPostgres(tmp_path / "data").start()
    assert [path.name for path in tmp_path.iterdir()] == ["data.lock"]
    monkeypatch.undo()
    with EmbeddedPostgres(tmp_path / "data", durable=False) as postgres:
        assert postgres.is_ready()


def test_other_users_may_pass_through_the_folders_above_but_not_list_them(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "inner" / "data").mkdir(parents=True)
    closed.chmod(0o700)
    binaries.let_reach(closed / "inner" / "data")
    assert closed.stat().st_mode & 0o777 == 0o701


def test_a_lock_is_held_by_one_and_let_go_by_the_dead(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    script = (
        "import sys, pathlib\nfrom shared.kernel.embedded_postgres.folder import FolderLock\n"
        "assert FolderLock(pathlib.Path(sys.argv[1])).acquire() is None\nprint('held', flush=True)\nsys.stdin.read()\n"
    )
    project = Path(__file__).resolve().parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=project
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert FolderLock(path).acquire() == other.pid
        other.kill()
    mine = FolderLock(path)
    assert mine.acquire() is None
    assert FolderLock(path).acquire() == os.getpid()
    mine.release()
    again = FolderLock(path)
    assert again.acquire() is None
    again.release()
