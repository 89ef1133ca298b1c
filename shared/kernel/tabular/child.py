"""The confined child process: limits itself, reads one table, writes the answer on stdout, ends.

Run as a script, never imported by the parent. The answer is one line of JSON, then two Arrow IPC streams: the findings
(``findings_bytes`` long) and the table.
"""

from __future__ import annotations

import gc
import io
import json
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from shared.kernel.tabular.readers.raw import RawTable
    from shared.terms.errors import DomainError

OPEN_FILES = 64


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
    out.flush()


def _write_line(out: BinaryIO, content: dict[str, Any]) -> None:
    out.write(json.dumps(content).encode() + b"\n")
    out.flush()


def main() -> None:
    """Entry point: the request arrives as JSON on stdin."""
    request = json.loads(sys.stdin.buffer.read())
    gc.disable()  # one table, then the end: looking for cycles among millions of cells only costs time
    confine(request["limits"]["memory_bytes"], request["limits"]["cpu_seconds"])
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
    answer(request, sys.stdout.buffer)


if __name__ == "__main__":
    main()
