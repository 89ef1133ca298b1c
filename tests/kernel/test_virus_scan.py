"""Scanners: clamd over its socket, commands by exit code; whoever does not answer has said nothing."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from shared.kernel.virus_scan import NOT_SCANNED, ScanState, Verdict, VirusScanner

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def clamd(socket: Path) -> AsyncIterator[None]:
    """Speaks clamd's INSTREAM and finds ``EICAR``."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!I", await reader.readexactly(4))[0]:
            content += await reader.readexactly(size)
        writer.write(b"stream: Eicar-Test FOUND\0" if b"EICAR" in content else b"stream: OK\0")
        await writer.drain()
        writer.close()

    async with await asyncio.start_unix_server(answer, str(socket)):
        yield


async def test_clamd_is_asked_over_its_socket(tmp_path: Path) -> None:
    clean, infected = tmp_path / "clean", tmp_path / "infected"
    clean.write_bytes(b"x" * 1_000_000)
    infected.write_bytes(b"x" * 600_000 + b"EICAR")
    scanner = VirusScanner(f"clamd:{tmp_path}/clamd.ctl")
    assert await scanner.scan(clean) == NOT_SCANNED
    async with clamd(tmp_path / "clamd.ctl"):
        assert await scanner.scan(clean) == Verdict(ScanState.CLEAN)
        assert await scanner.scan(infected) == Verdict(ScanState.INFECTED, "Eicar-Test")


@pytest.mark.parametrize(
    ("command", "state"),
    [
        ("true", ScanState.CLEAN),
        ("false", ScanState.INFECTED),
        ("sh -c 'exit 2'", ScanState.NOT_SCANNED),
        ("/no/such/scanner", ScanState.NOT_SCANNED),
        ("sh -c 'sleep 30'", ScanState.NOT_SCANNED),
    ],
)
async def test_a_command_answers_by_its_exit_code(tmp_path: Path, command: str, state: ScanState) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    assert (await VirusScanner(f"command:{command}", seconds=0.5).scan(path)).state is state


@pytest.mark.parametrize("address", ["", "command:", "clamd:", "clamd://", "http://x", "/usr/bin/clamscan"])
def test_an_address_that_names_no_scanner_stops_the_start(address: str) -> None:
    with pytest.raises(ValueError, match="VIRUS_SCANNER"):
        VirusScanner(address)
