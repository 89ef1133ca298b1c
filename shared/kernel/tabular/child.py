"""The confined child process: limits itself, reads one table, writes the answer, ends.

Run as a script, never imported by the parent. The script is a nursery: it imports what reading needs once, reads nothing
itself, and for every connection it is handed forks a child, which starts in milliseconds and lives for one table. A child
says its process id, takes the request (JSON, to the end of what the parent writes) and answers with one line of JSON and,
when it has read the table, two Arrow IPC streams (the findings, ``findings_bytes`` long, and the table) and ``END``.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import resource
import signal
import socket
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

if TYPE_CHECKING:
    from shared.kernel.tabular.readers.raw import RawTable
    from shared.terms.errors import DomainError

OPEN_FILES = 64
END = b"\nend\n"
COMMAND_BYTES = 16


def confine(memory_bytes: int, cpu_seconds: int) -> None:
    """Lower this process's limits for good: address space, CPU time, open files, core dumps."""
    wanted = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in wanted.items():
        _lower(kind, value)


def _lower(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def answer(request: dict[str, Any], out: BinaryIO) -> None:
    """Read the table of ``request`` and write the answer, whatever happens short of death."""
    from shared.kernel.tabular.readers.dispatch import read_raw
    from shared.terms.errors import DomainError

    # Imports are done; from here on nothing may be written to any file.
    _lower(resource.RLIMIT_FSIZE, 0)
    try:
        table = read_raw(request)
    except DomainError as error:
        _write_line(out, refusal(error))
    except MemoryError:
        _write_line(out, {"state": "refused", "code": "table.too_costly", "params": {}, "faults": []})
    except BaseException as error:  # a panic of the Rust libraries is not an Exception
        where = error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        place = f"{where.tb_frame.f_code.co_name}:{where.tb_lineno}" if where is not None else ""
        _write_line(out, {"state": "failed", "error": type(error).__name__, "place": place})
    else:
        _write_table(out, table)


def refusal(error: DomainError) -> dict[str, Any]:
    """A ``DomainError`` as JSON."""
    faults = [asdict(fault) | {"params": dict(fault.params)} for fault in error.faults]
    return {"state": "refused", "code": error.code, "params": error.params, "faults": faults}


def _write_table(out: BinaryIO, table: RawTable) -> None:
    findings = io.BytesIO()
    table.findings.write_ipc_stream(findings)
    _write_line(
        out,
        {
            "state": "read",
            "findings_bytes": len(findings.getvalue()),
            "headers": table.headers,
            "header_rows": table.header_rows,
            "encoding": table.encoding,
            "sheet": table.sheet,
        },
    )
    out.write(findings.getvalue())
    table.frame.write_ipc_stream(out)
    out.write(END)
    out.flush()


def _write_line(out: BinaryIO, content: dict[str, Any]) -> None:
    out.write(json.dumps(content).encode() + b"\n")
    out.flush()


def serve(connection: socket.socket) -> None:
    """One child's life: who it is, what is asked, the answer."""
    with connection.makefile("rwb") as stream:
        stream.write(b"%d\n" % os.getpid())
        stream.flush()
        request = json.loads(stream.read())
        gc.disable()  # one table, then the end: looking for cycles among millions of cells only costs time
        confine(request["limits"]["memory_bytes"], request["limits"]["cpu_seconds"])
        with contextlib.suppress(BrokenPipeError):  # the parent has seen enough
            answer(request, cast("BinaryIO", stream))


def tend(control: socket.socket) -> None:
    """Forks a child for every connection handed over and kills those the parent names, until the parent is gone."""
    living: set[int] = set()
    while True:
        command, handed, _, _ = socket.recv_fds(control, COMMAND_BYTES, 1)
        if not command:
            for child in living:
                _kill(child)
            return
        _bury(living)
        if command.startswith(b"kill"):
            child = int(command[4:])
            if child in living:  # not yet waited for, so the number is still its own
                _kill(child)
        for descriptor in handed:
            child = os.fork()
            if child == 0:
                control.close()
                serve(socket.socket(fileno=descriptor))
                os._exit(0)
            os.close(descriptor)
            living.add(child)


def _bury(living: set[int]) -> None:
    for child in list(living):
        with contextlib.suppress(ChildProcessError):
            if os.waitpid(child, os.WNOHANG)[0] == child:
                living.discard(child)


def _kill(child: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)


def main() -> None:
    """Entry point: stdin is the parent's control connection."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
    import shared.kernel.tabular.readers.dispatch
    import shared.kernel.tabular.readers.xlsx_reader  # noqa: F401 - for the children

    gc.freeze()
    with socket.socket(fileno=os.dup(0)) as control, Path(os.devnull).open("rb") as nothing:
        # Under one number only: a child that lives on must not keep the connection open when the nursery is gone.
        os.dup2(nothing.fileno(), 0)
        tend(control)


if __name__ == "__main__":
    main()
