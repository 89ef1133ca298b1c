"""The first steps on a bare machine: what the bootstrap script says when something is missing, and how it makes do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
TOOLS = ("dirname", "rm", "sed", "date", "touch", "cat")


class Machine:
    """A copy of the script on a machine that has a few tools and the python3 the test gives it."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        self.tools = folder / "bin"
        (self.project / "launch").mkdir(parents=True)
        (self.project / ".venv" / "bin").mkdir(parents=True)
        self.tools.mkdir()
        shutil.copy(PROJECT / "launch" / "bootstrap.sh", self.project / "launch")
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found is not None
            (self.tools / tool).symlink_to(found)

    def has(self, path: str, script: str) -> None:
        program = self.project.parent / path
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    def bootstrap(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", "launch/bootstrap.sh", *arguments],
            cwd=self.project,
            env={"PATH": str(self.tools), "HOME": str(self.project)} | environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_python_that_is_too_old_is_named(machine: Machine) -> None:
    machine.has("bin/python3", '[ "$1" = --version ] && echo Python 3.9.2 || exit 1')
    outcome = machine.bootstrap("environment")
    assert outcome.returncode == 1
    assert "需要 Python 3.11 或更高版本，本机为：Python 3.9.2" in outcome.stderr
    assert "PYTHON=/path/to/python3" in outcome.stderr


def test_no_python_at_all_is_said_too(machine: Machine) -> None:
    outcome = machine.bootstrap("environment")
    assert outcome.returncode == 1
    assert "no python3" in outcome.stderr


WITHOUT_VENV = f'case "$2" in "import venv, ensurepip") exit 1;; esac; exec {sys.executable} "$@"'


def test_on_debian_a_missing_venv_module_is_answered_with_the_one_command(machine: Machine) -> None:
    machine.has("bin/python3", WITHOUT_VENV)
    mark = machine.project / "debian_version"
    mark.touch()
    outcome = machine.bootstrap("environment", DEBIAN_MARK=str(mark))
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert outcome.returncode == 1
    assert f"sudo apt install python{version}-venv" in outcome.stderr
    assert "缺少 venv 模块" in outcome.stderr


def test_elsewhere_it_names_the_module(machine: Machine) -> None:
    machine.has("bin/python3", WITHOUT_VENV)
    outcome = machine.bootstrap("environment", DEBIAN_MARK=str(machine.project / "absent"))
    assert outcome.returncode == 1
    assert "ensurepip" in outcome.stderr
    assert "apt" not in outcome.stderr


@pytest.mark.parametrize("broken", ["missing", "failing"])
def test_pip_does_it_when_uv_cannot_and_checks_hashes_too(machine: Machine, broken: str) -> None:
    machine.has("project/.venv/bin/python", 'echo "$@" >> calls')
    if broken == "failing":
        machine.has("project/.venv/bin/uv", "exit 1")
    outcome = machine.bootstrap("install", "run")
    assert outcome.returncode == 0, outcome.stderr
    calls = (machine.project / "calls").read_text()
    assert calls == "-m pip install --quiet --require-hashes -r requirements/run.txt\n"
    assert (machine.project / ".venv" / ".installed-run").exists()


def test_a_failed_installation_leaves_no_stamp(machine: Machine) -> None:
    machine.has("project/.venv/bin/python", "exit 1")
    assert machine.bootstrap("install", "run").returncode != 0
    assert not (machine.project / ".venv" / ".installed-run").exists()


def test_uv_checks_hashes_fetches_no_python_and_caches_beside_the_environment_without_a_home(machine: Machine) -> None:
    machine.has("project/.venv/bin/uv", 'echo "$@" "$UV_PYTHON_DOWNLOADS" "$UV_CACHE_DIR" > calls')
    assert machine.bootstrap("install", "dev", HOME="/nonexistent").returncode == 0
    calls = (machine.project / "calls").read_text()
    assert "--require-hashes -r requirements/dev.txt never" in calls
    assert calls.strip().endswith(".venv/.cache/uv")
    assert (machine.project / ".venv" / ".installed-run").exists()


def test_help_names_every_target() -> None:
    make = shutil.which("make")
    assert make is not None
    shown = subprocess.run(
        [make, "help"], cwd=PROJECT, capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    targets = ("run", "test", "check", "fix", "lint", "types", "contracts", "test-slow", "bench", "migration")
    targets += ("lock", "clean", "reset", "help", "setup")
    assert [name for name in targets if f"  make {name} " not in shown.stdout] == []
    assert all(len(line) <= 110 for line in shown.stdout.splitlines())
