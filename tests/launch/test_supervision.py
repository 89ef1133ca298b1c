"""The supervisor over real processes: restarts, gives up, stops politely, leaves nobody behind."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from launch.errors import LaunchError
from launch.ports import is_free, readiness
from launch.supervision import RestartPolicy
from tests.launch.crew import WEB_SCRIPT, Crew, script, until

SLEEP = "import time; print('up', flush=True); time.sleep(60)"
CRASH = "import sys; print('boom: no such table', flush=True); sys.exit(3)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
PROJECT = Path(__file__).resolve().parents[2]


def pid_of(supervisor: object, name: str) -> int:
    child = supervisor.kept[name].child  # type: ignore[attr-defined]
    assert child is not None
    return int(child.pid)


def test_a_killed_process_is_started_again_and_said_so(crew: Crew) -> None:
    supervisor = crew.of(script("sleeper", SLEEP))
    supervisor.start()
    first = pid_of(supervisor, "sleeper")
    os.kill(first, signal.SIGKILL)
    until(lambda: supervisor.kept["sleeper"].restarts == 1, tick=supervisor.tick)
    assert pid_of(supervisor, "sleeper") != first
    assert psutil.pid_exists(pid_of(supervisor, "sleeper"))
    assert "sleeper 已退出（SIGKILL）" in crew.terminal.text


def test_an_essential_process_that_keeps_crashing_is_given_up_with_the_end_of_its_log(crew: Crew) -> None:
    supervisor = crew.of(script("web", CRASH, essential=True))
    supervisor.settled = True
    supervisor.start()
    with pytest.raises(LaunchError, match=r"3 times in a row \(exit 3\)") as end:
        until(lambda: False, tick=supervisor.tick)
    assert "boom: no such table" in end.value.zh


def test_another_is_given_up_without_taking_the_rest_along(crew: Crew) -> None:
    supervisor = crew.of(script("worker", CRASH), script("web", SLEEP, essential=True))
    supervisor.settled = True
    supervisor.start()
    until(lambda: supervisor.kept["worker"].given_up, tick=supervisor.tick)
    supervisor.tick()
    assert supervisor.kept["web"].is_running
    assert crew.terminal.text.count("不再重启") == 1


def test_during_the_start_any_process_given_up_ends_it(crew: Crew) -> None:
    supervisor = crew.of(script("worker", CRASH))
    supervisor.start()
    with pytest.raises(LaunchError, match="worker"):
        until(lambda: False, tick=supervisor.tick)


def test_ends_while_the_database_is_away_do_not_count(crew: Crew) -> None:
    has_database = False
    supervisor = crew.of(script("worker", CRASH), may_restart=lambda: has_database)
    supervisor.start()
    until(lambda: supervisor.kept["worker"].restart_at is not None, tick=supervisor.tick)
    supervisor.tick()
    assert (supervisor.kept["worker"].restarts, supervisor.kept["worker"].quick_ends) == (0, 0)
    has_database = True
    until(lambda: supervisor.kept["worker"].restarts == 1, tick=supervisor.tick)


@pytest.mark.parametrize(("quick_ends", "pause"), [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (20, 30.0)])
def test_pauses_double_up_to_a_longest(quick_ends: int, pause: float) -> None:
    assert RestartPolicy().pause(quick_ends) == pause


def test_stopping_lets_the_request_in_hand_be_answered(crew: Crew, port: int) -> None:
    supervisor = crew.of(script("web", WEB_SCRIPT, str(port)))
    supervisor.start()
    until(lambda: readiness("127.0.0.1", port)[0])
    answers: list[bytes] = []

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/slow")
        answers.append(connection.getresponse().read())
        connection.close()

    asking = threading.Thread(target=ask)
    asking.start()
    until(lambda: "slow began" in crew.log("web"))
    supervisor.stop()
    asking.join()
    assert answers == [b"answered"]
    assert "stopped politely" in crew.log("web")
    assert is_free("127.0.0.1", port)


def test_web_processes_stop_before_workers(crew: Crew, tmp_path: Path) -> None:
    note = (
        "import pathlib, signal, sys, time\n"
        "def end(*_):\n    time.sleep(0.2)\n    open(sys.argv[1], 'a').write(sys.argv[2] + ' ')\n    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\nprint('up', flush=True)\ntime.sleep(60)\n"
    )
    order = str(tmp_path / "order")
    supervisor = crew.of(script("worker", note, order, "worker", stop_order=1), script("web", note, order, "web"))
    supervisor.start()
    until(lambda: "up" in crew.log("worker") and "up" in crew.log("web"))
    supervisor.stop()
    assert Path(order).read_text() == "web worker "


def test_a_process_deaf_to_asking_is_killed_after_the_patience(crew: Crew) -> None:
    supervisor = crew.of(script("deaf", DEAF))
    supervisor.start()
    until(lambda: "up" in crew.log("deaf"))
    began = time.monotonic()
    supervisor.stop(patience=0.4)
    assert 0.4 <= time.monotonic() - began < 3
    assert supervisor.kept["deaf"].child is not None
    assert supervisor.kept["deaf"].child.returncode == -signal.SIGKILL


def test_a_second_ctrl_c_cuts_the_patience_short(crew: Crew) -> None:
    supervisor = crew.of(script("deaf", DEAF))
    supervisor.start()
    until(lambda: "up" in crew.log("deaf"))
    began = time.monotonic()
    supervisor.stop(patience=20, is_urgent=lambda: True)
    assert time.monotonic() - began < 3


def test_what_a_killed_process_had_started_does_not_outlive_it(crew: Crew) -> None:
    family = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\ntime.sleep(60)\n"
    )
    supervisor = crew.of(script("server", family))
    supervisor.start()
    until(lambda: crew.log("server").strip())
    grandchild = psutil.Process(int(crew.log("server").split()[0]))
    os.kill(pid_of(supervisor, "server"), signal.SIGKILL)
    until(lambda: supervisor.kept["server"].restarts == 1, tick=supervisor.tick)
    until(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE)


SUPERVISOR_SCRIPT = """
import sys, time
from pathlib import Path
from launch.children import Traces
from launch.console import Console
from launch.supervision import Supervisor
from launch.topology import ProcessSpec
folder = Path(sys.argv[1])
supervisor = Supervisor(
    [ProcessSpec("sleeper", (sys.executable, "-c", sys.argv[2]))],
    log_dir=folder, console=Console(), traces=Traces(folder / "run" / "processes.json"),
)
supervisor.start()
print(supervisor.kept["sleeper"].child.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize(("source", "leftovers"), [(SLEEP, (0, 1)), (DEAF, (1,))], ids=["obedient", "deaf"])
def test_children_of_a_supervisor_killed_outright_end_at_the_latest_with_the_next_start(
    crew: Crew, source: str, leftovers: tuple[int, ...]
) -> None:
    command = [sys.executable, "-c", SUPERVISOR_SCRIPT, str(crew.folder), source]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=PROJECT) as other:
        assert other.stdout is not None
        child = psutil.Process(int(other.stdout.readline()))
        until(lambda: "up" in crew.log("sleeper"))
        other.kill()
    assert crew.traces.clear(patience=1.0) in leftovers
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
    assert crew.traces.clear() == 0


def test_a_recorded_number_that_another_program_has_now_is_left_alone(crew: Crew) -> None:
    crew.traces.path.parent.mkdir()
    crew.traces.path.write_text(f'[{{"pid": {os.getpid()}, "born": 1.0}}]')
    assert crew.traces.clear() == 0


def test_the_administrator_s_address_is_kept_from_the_children(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://admin:s3cret@host/db")
    show = "import os; print(os.environ.get('DATABASE_URL'), os.environ['GATEWAY_PORT'], flush=True)\n" + SLEEP
    supervisor = crew.of(script("child", show, environment={"GATEWAY_PORT": "1"}))
    supervisor.start()
    until(lambda: "up" in crew.log("child"))
    assert crew.log("child").startswith("None 1\n")
