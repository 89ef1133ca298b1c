"""The leash: a program started on it does not outlive its parent."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from shared.kernel.embedded_postgres.leash import PARENT_IS_GONE, leashed

PROJECT = Path(__file__).resolve().parents[3]
PARENT = """
import signal, subprocess, sys
from shared.kernel.embedded_postgres.leash import leashed
child = subprocess.Popen(leashed([sys.executable, "-c", "import time; time.sleep(60)"], on_parent_death=signal.SIGTERM))
print(child.pid, flush=True)
child.wait()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's promise is Linux's")
def test_a_child_ends_when_its_parent_is_killed_outright() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, cwd=PROJECT) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        assert child.is_running()
        parent.kill()
    gone, _ = psutil.wait_procs([child], timeout=5)
    assert gone or child.status() == psutil.STATUS_ZOMBIE


def test_a_child_whose_parent_died_before_the_leash_was_tied_does_not_start() -> None:
    command = leashed(["echo", "started"], on_parent_death=signal.SIGTERM)
    command[4] = "1" if command[4] != "1" else "2"
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (outcome.returncode, outcome.stdout) == (PARENT_IS_GONE, "")


def test_the_pid_the_parent_knows_is_the_program_s_own() -> None:
    command = leashed([sys.executable, "-c", "import os; print(os.getpid())"], on_parent_death=signal.SIGTERM)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert int(child.stdout.readline()) == child.pid
