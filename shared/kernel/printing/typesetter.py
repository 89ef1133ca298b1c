"""Typesetting documents in a child process that cannot hurt its parent. Blocks: call it in a thread.

The child gets 1 GiB of address space and a share of CPU time, reads one template and two fonts, writes no file, and is
killed when a page takes too long.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from shared.terms.errors import DomainError

CHILD = Path(__file__).with_name("child.py")
FONT_PACKAGE, TYPESETTER = "pylopdf_fonts_zh_cn", "typst"
MEMORY_BYTES = 2**30
SECONDS = 20.0
CPU_SECONDS = 20
#: A child prints so many documents before a new one takes its place: what it keeps for later pages stays bounded.
DOCUMENTS_PER_CHILD = 100
MOST_BYTES = 32 * 2**20
CHILDREN = max(2, os.cpu_count() or 2)
ENVIRONMENT = {"RAYON_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2", "LANG": "C.UTF-8"}

PRINTERS = ThreadPoolExecutor(CHILDREN, thread_name_prefix="printing")
"""Threads in which requests have their pages printed."""
_turns = threading.BoundedSemaphore(CHILDREN)


@dataclass(frozen=True)
class Template:
    """A page's form: a typst file that takes its content as data, and the words it is filled with.

    Args:
        path: the template.
        words: the file of its words, part of what a page follows from.
    """

    path: Path
    words: Path

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what a page follows from beside its content: template and words."""
        return hashlib.sha256(self.path.read_bytes() + self.words.read_bytes()).hexdigest()


def font_folder() -> Path:
    """Where the Chinese fonts lie.

    Raises:
        DomainError: ``report.printing_unavailable`` when the fonts or the typesetter are not installed.
    """
    for package in (TYPESETTER, FONT_PACKAGE):
        if importlib.util.find_spec(package) is None:
            raise DomainError("report.printing_unavailable", params={"package": package.replace("_", "-")})
    spec = importlib.util.find_spec(FONT_PACKAGE)
    if spec is None or spec.origin is None:
        raise DomainError("report.printing_unavailable", params={"package": FONT_PACKAGE.replace("_", "-")})
    return Path(spec.origin).parent


def typeset(template: Template, content: dict[str, Any], *, timestamp: int) -> bytes:
    """One document as PDF; the same content gives the same bytes.

    Args:
        template: its form.
        content: what the template takes, as JSON.
        timestamp: the PDF's date in seconds since 1970, e.g. when the results were published.

    Raises:
        DomainError: ``report.printing_unavailable``, ``report.printing_failed``.
    """
    with Typesetter(template) as typesetter:
        return typesetter.print(content, timestamp=timestamp)


class Typesetter:
    """A child that prints one document of a template after the other; a context manager, used by one thread."""

    def __init__(self, template: Template) -> None:
        self._template = template
        self._fonts = font_folder()
        self._process: subprocess.Popen[bytes] | None = None
        self._printed = 0

    def __enter__(self) -> Typesetter:
        _turns.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        _turns.release()

    def print(self, content: dict[str, Any], *, timestamp: int) -> bytes:
        """One document as PDF; see :func:`typeset`."""
        if self._printed >= DOCUMENTS_PER_CHILD:
            self._end()
        process = self._process or self._start()
        self._printed += 1
        with _stopwatch(process):
            pdf = _exchange(process, json.dumps({"content": content, "timestamp": timestamp}).encode())
        if not pdf:
            self._end()
            raise DomainError("report.printing_failed")
        return pdf

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own file
            [sys.executable, "-I", str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT,
            cwd="/",
        )
        request = {
            "template": str(self._template.path),
            "fonts": [str(self._fonts)],
            "memory_bytes": MEMORY_BYTES,
            "cpu_seconds": CPU_SECONDS,
        }
        stdin, _ = _pipes(process)
        stdin.write(json.dumps(request).encode() + b"\n")
        self._process, self._printed = process, 0
        return process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            # Closing its pipe flushes what a child that is gone did not read.
            with suppress(BrokenPipeError), process:
                pass


@contextmanager
def _stopwatch(process: subprocess.Popen[bytes]) -> Iterator[None]:
    stopwatch = threading.Timer(SECONDS, process.kill)
    stopwatch.start()
    try:
        yield
    finally:
        stopwatch.cancel()


def _exchange(process: subprocess.Popen[bytes], document: bytes) -> bytes:
    """The answer to a document; empty when the child died or could not print it."""
    stdin, stdout = _pipes(process)
    try:
        stdin.write(len(document).to_bytes(8) + document)
        stdin.flush()
    except BrokenPipeError:
        return b""
    size = int.from_bytes(stdout.read(8))
    if not 0 < size <= MOST_BYTES:
        return b""
    pdf = stdout.read(size)
    return pdf if len(pdf) == size else b""


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the child was started without pipes")
    return process.stdin, process.stdout
