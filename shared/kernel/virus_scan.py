"""Asking a virus scanner about a file: a clamd socket, or any command that answers by its exit code."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

SECONDS = 60.0
_CHUNK = 1 << 18


class ScanState(StrEnum):
    """What is known of a file."""

    #: No scanner is set, or it did not answer; shown as it is, never as clean.
    NOT_SCANNED = "not_scanned"
    CLEAN = "clean"
    INFECTED = "infected"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a scanner said: the state, and the signature's name where one was found."""

    state: ScanState
    signature: str | None = None


NOT_SCANNED = Verdict(ScanState.NOT_SCANNED)


class VirusScanner:
    """A scanner named by a setting.

    Args:
        address: ``clamd:/run/clamav/clamd.ctl``, ``clamd://host:3310``, or ``command:/usr/bin/clamscan --no-summary`` (the
            file's path is added; exit code 0 is clean, 1 infected, anything else no answer). ``ValueError`` on others.
        seconds: how long it may take.
    """

    def __init__(self, address: str, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._command: list[str] = []
        self._socket: str | tuple[str, int] = ""
        parts = urlsplit(address)
        if address.startswith("command:") and (command := shlex.split(address.removeprefix("command:"))):
            self._command = command
        elif parts.scheme == "clamd" and parts.hostname:
            self._socket = (parts.hostname, parts.port or 3310)
        elif parts.scheme == "clamd" and parts.path.startswith("/"):
            self._socket = parts.path
        else:
            raise ValueError(f"VIRUS_SCANNER={address}: clamd:/socket, clamd://host:port or command:...")

    async def scan(self, path: Path) -> Verdict:
        """The verdict on a file; ``not_scanned`` when the scanner cannot be reached, fails or takes too long."""
        try:
            async with asyncio.timeout(self._seconds):
                return await (self._run(path) if self._command else self._ask(path))
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return NOT_SCANNED

    async def _run(self, path: Path) -> Verdict:
        process = await asyncio.create_subprocess_exec(
            *self._command,
            str(path),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            output, _ = await process.communicate()
        except asyncio.CancelledError:
            # With whatever it has started: a child that lives on keeps the pipe, and us waiting at it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            raise
        if process.returncode == 0:
            return Verdict(ScanState.CLEAN)
        if process.returncode == 1:
            # clamscan answers "<path>: <signature> FOUND"; the path is ours and stays with us.
            return _found(output.decode("utf-8", "replace").strip().removeprefix(f"{path}:"))
        return NOT_SCANNED

    async def _ask(self, path: Path) -> Verdict:
        async with self._connection() as (reader, writer):
            writer.write(b"zINSTREAM\0")
            with path.open("rb") as file:
                while chunk := await asyncio.to_thread(file.read, _CHUNK):
                    writer.write(struct.pack("!I", len(chunk)) + chunk)
                    await writer.drain()
            writer.write(struct.pack("!I", 0))
            await writer.drain()
            answer = (await reader.readuntil(b"\0")).rstrip(b"\0").decode("utf-8", "replace")
        text = answer.removeprefix("stream:").strip()
        if text == "OK":
            return Verdict(ScanState.CLEAN)
        return _found(text) if text.endswith("FOUND") else NOT_SCANNED

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        if isinstance(self._socket, str):
            reader, writer = await asyncio.open_unix_connection(self._socket)
        else:
            reader, writer = await asyncio.open_connection(*self._socket)
        try:
            yield reader, writer
        finally:
            writer.close()


def _found(text: str) -> Verdict:
    return Verdict(ScanState.INFECTED, text.removesuffix("FOUND").strip()[:100] or None)
