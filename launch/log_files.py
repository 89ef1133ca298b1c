"""Log files of child processes: appended to, and cut when they grow large."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MAX_BYTES = 20 << 20
KEPT = 3


def open_log(path: Path) -> int:
    """File descriptor to hand to a child; appends, so that cutting the file under it is safe."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def rotate(path: Path, *, max_bytes: int = MAX_BYTES, kept: int = KEPT) -> bool:
    """Copies a file that has grown too large to ``.1`` (older ones move up) and empties it; says whether it did.

    Copied and not renamed: the child holds the file open. A line written between the copy and the cut is lost.
    """
    try:
        if path.stat().st_size <= max_bytes:
            return False
    except FileNotFoundError:
        return False
    for number in range(kept - 1, 0, -1):
        older = _numbered(path, number)
        if older.exists():
            older.replace(_numbered(path, number + 1))
    shutil.copy2(path, _numbered(path, 1))
    os.truncate(path, 0)
    return True


def tail(path: Path, lines: int = 12, *, since: int = 0) -> str:
    """The last lines of a file, of what was written after byte ``since``; empty when there is none."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - 65536, since if since <= size else 0))
            return "\n".join(file.read().decode("utf-8", errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")
