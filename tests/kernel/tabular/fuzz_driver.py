"""Reads mutated tables, each in a fork of this clean process, and prints one line per file: outcome, seconds, peak KiB.

A program of its own: forking is safe only where no library has started threads.
Arguments: folder of sound files, seed, count.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT))

from shared.kernel.tabular import child  # noqa: E402
from shared.kernel.tabular.columns import TableLimits  # noqa: E402
from shared.kernel.tabular.readers import dispatch, xlsx_reader  # noqa: E402, F401 - imported before the forks
from shared.kernel.tabular.sniffing import decide_format  # noqa: E402
from shared.terms.errors import DomainError  # noqa: E402

LIMITS = TableLimits(cpu_seconds=5)


def mutated(content: bytes, dice: random.Random) -> bytes:
    """A few random wounds: flipped, inserted, removed, repeated or swapped bytes, or a cut."""
    data = bytearray(content)
    for _ in range(dice.randint(1, 6)):
        at, length = dice.randrange(len(data) or 1), dice.choice([1, 2, 8, 64, 512])
        match dice.randrange(6):
            case 0:
                data[at : at + 1] = bytes([dice.randrange(256)])
            case 1:
                data[at:at] = dice.randbytes(length)
            case 2:
                del data[at : at + length]
            case 3:
                data[at:at] = data[at : at + length] * dice.choice([1, 3, 50])
            case 4:
                other = dice.randrange(len(data) or 1)
                data[at : at + length] = data[other : other + length]
            case _:
                data[at : at + length] = dice.choice([b"\0", b"\xff", b'"', b"\n", b",", b"<", b"{", b"9"]) * length
    return bytes(data[: dice.randrange(len(data) + 1)] if dice.random() < 0.1 else data)


def outcome(path: Path, name: str) -> tuple[str, float, int]:
    """How one file ended: ``read``, a problem code, ``failed`` (a library gave up) or ``killed``."""
    started = time.monotonic()
    try:
        table_format = decide_format(path, name)
    except DomainError as error:
        return error.code, time.monotonic() - started, 0
    request = {
        "path": str(path),
        "format": table_format.value,
        "sheet": None,
        "limits": asdict(LIMITS),
        "text_headers": ["student_code"],
    }
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read_end)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        child.confine(LIMITS.memory_bytes, LIMITS.cpu_seconds)
        with os.fdopen(write_end, "wb") as out:
            child.answer(request, out)
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as stream:
        output = stream.read()
    _, status, usage = os.wait4(pid, 0)
    took = time.monotonic() - started
    if status != 0 or not output:
        return "killed", took, usage.ru_maxrss
    head = json.loads(output.partition(b"\n")[0])
    return head.get("code", head["state"]), took, usage.ru_maxrss


def main() -> None:
    """Mutate and read ``count`` files."""
    folder, seed, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    originals = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    names = list(originals)
    dice = random.Random(seed)  # noqa: S311
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(count):
            name = names[number % len(names)]
            path = Path(scratch) / "upload"
            path.write_bytes(mutated(originals[name], dice))
            print(*outcome(path, name), name, flush=True)  # noqa: T201
    print("self", 0, psutil.Process().memory_info().rss // 1024, "-")  # noqa: T201


if __name__ == "__main__":
    main()
