"""Reading a table in a child process that cannot hurt its parent.

The child gets 2 GiB of address space, 30 s of CPU time, no core dump and no way to write files; it is killed when its wall
time is over or its answer grows too large. Whatever becomes of it, the parent gets a table or a ``DomainError``. Children
are forked by a nursery that has imported everything and read nothing, so that none costs the start of an interpreter.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from shared.kernel.tabular.columns import Column, TableFormat, TableLimits
from shared.kernel.tabular.readers.dispatch import read_raw
from shared.kernel.tabular.readers.raw import RawTable
from shared.terms.errors import DomainError, Fault

CHILD = Path(__file__).with_name("child.py")
# Few threads and few allocator arenas: what they only reserve counts against the address space too.
ENVIRONMENT = {
    "POLARS_MAX_THREADS": "2",
    "RAYON_NUM_THREADS": "2",
    "MALLOC_ARENA_MAX": "2",
    # Threads do not outlive a fork, so the nursery's allocator has none of its own.
    "_RJEM_MALLOC_CONF": "retain:false,narenas:2,background_thread:false",
    "OPENBLAS_NUM_THREADS": "1",
    "LANG": "C.UTF-8",
}
END = b"\nend\n"
CHUNK_BYTES = 2**20
CLOSE_SECONDS = 5.0
ATTEMPTS = 2
TEXT_FORMATS = frozenset({TableFormat.CSV, TableFormat.NDJSON})
SMALL_BYTES = 2**20
"""Up to this size text is read in this process; spreadsheets and Parquet never are."""
HEAD_BYTES = 32 * 2**20
CHILDREN = max(2, os.cpu_count() or 2)
"""Children of this process that may run at once; the next one waits."""

logger = logging.getLogger(__name__)
_turns = threading.BoundedSemaphore(CHILDREN)


def read_confined(
    path: Path, table_format: TableFormat, *, columns: Iterable[Column], limits: TableLimits, sheet: str | None
) -> RawTable:
    """Read a file as text in a confined child.

    Raises:
        DomainError: whatever the reader refused; ``table.too_costly`` when the child hit a limit; ``table.unreadable``
            when its libraries gave up on the content.
    """
    request = {
        "path": str(path.resolve()),
        "format": table_format.value,
        "sheet": sheet,
        "limits": asdict(limits),
        "text_headers": [header for column in columns if column.must_be_text for header in column.headers],
    }
    if table_format in TEXT_FORMATS and path.stat().st_size <= SMALL_BYTES:
        return _read_here(request)
    with _turns:
        answer = _run(json.dumps(request).encode(), limits)
    return _received(answer, table_format)


def _read_here(request: dict[str, Any]) -> RawTable:
    """Reads a small text file in this process: nothing in it inflates, and a child's start would cost ten times more."""
    try:
        return read_raw(request)
    except (DomainError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of the Rust libraries is not an Exception
        logger.warning("table could not be read: %s", type(error).__name__)
        raise DomainError("table.unreadable", params={"format": request["format"]}) from None


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a child wrote: one line of JSON, then two Arrow streams."""

    head: dict[str, Any]
    findings: bytes
    table: bytes


@dataclass(slots=True)
class _Nursery:
    """The process that forks this process's children; started when first needed, and again when it has died."""

    process: subprocess.Popen[bytes] | None = None
    control: socket.socket | None = None
    owner: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def child(self) -> socket.socket:
        """A connection to a new child."""
        with self.lock:
            if self.control is None or self.owner != os.getpid():
                self._start()
            ours, theirs = socket.socketpair()
            with theirs, contextlib.ExitStack() as unless_handed_over:
                unless_handed_over.enter_context(ours)
                try:
                    socket.send_fds(self._control(), [b"child"], [theirs.fileno()])
                except OSError:
                    self._start()
                    socket.send_fds(self._control(), [b"child"], [theirs.fileno()])
                unless_handed_over.pop_all()
            return ours

    def kill(self, child: int) -> None:
        """Ends a child."""
        with self.lock, contextlib.suppress(OSError):
            self._control().send(b"kill%d" % child)

    def _control(self) -> socket.socket:
        if self.control is None:
            raise RuntimeError("the nursery has not been started")
        return self.control

    def close(self) -> None:
        """Lets the nursery go; a child in hand is killed by it."""
        if self.control is not None:
            self.control.close()
        if self.process is not None and self.owner == os.getpid():
            self.process.wait(CLOSE_SECONDS)
        self.control = self.process = None

    def _start(self) -> None:
        self.close()
        # Messages keep their bounds: a command and the connection it hands over are one.
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.owner = os.getpid()
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own file
                [sys.executable, "-I", str(CHILD)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=ENVIRONMENT,
                cwd="/",
            )


_nursery = _Nursery()
atexit.register(_nursery.close)


def _run(request: bytes, limits: TableLimits) -> _Answer | None:
    for _ in range(ATTEMPTS):
        with _nursery.child() as connection:
            connection.settimeout(limits.seconds)
            with contextlib.suppress(OSError), connection.makefile("rb") as answers:
                if child := int(answers.readline() or b"0"):
                    return _watched(connection, answers, request, limits, child=child)
        # The nursery died before it had forked: nothing has been read yet.
    return None


def _watched(
    connection: socket.socket, answers: BinaryIO, request: bytes, limits: TableLimits, *, child: int
) -> _Answer | None:
    stopwatch = threading.Timer(limits.seconds, _nursery.kill, [child])
    stopwatch.start()
    try:
        return _exchange(connection, answers, request, limits.memory_bytes // 2)
    finally:
        stopwatch.cancel()
        _nursery.kill(child)
        stopwatch.join()


def _exchange(connection: socket.socket, answers: BinaryIO, request: bytes, most: int) -> _Answer | None:
    """Send the request and read at most ``most`` bytes of answer; ``None`` when the child died without a whole one."""
    connection.sendall(request)
    connection.shutdown(socket.SHUT_WR)
    line = answers.readline(HEAD_BYTES)
    if not line.endswith(b"\n"):
        return None
    head = json.loads(line)
    if head["state"] != "read":
        return _Answer(head, b"", b"")
    findings = answers.read(min(head["findings_bytes"], most))
    chunks: list[bytes] = []
    size = len(findings)
    while chunk := answers.read(CHUNK_BYTES):
        chunks.append(chunk)
        size += len(chunk)
        if size > most:
            return None
    table = b"".join(chunks)
    return _Answer(head, findings, table.removesuffix(END)) if table.endswith(END) else None


def _received(answer: _Answer | None, table_format: TableFormat) -> RawTable:
    if answer is None:
        raise DomainError("table.too_costly")
    head = answer.head
    if head["state"] == "refused":
        faults = [Fault(**fault) for fault in head["faults"]]
        raise DomainError(head["code"], params=head["params"], faults=faults)
    if head["state"] == "failed":
        logger.info("table reader gave up: %s at %s", head["error"], head["place"])
        raise DomainError("table.unreadable", params={"format": table_format.value})
    return RawTable(
        frame=pl.read_ipc_stream(answer.table),
        headers=head["headers"],
        header_rows=head["header_rows"],
        findings=pl.read_ipc_stream(answer.findings),
        encoding=head["encoding"],
        sheet=head["sheet"],
    )
