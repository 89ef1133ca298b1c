"""Files that are there as a whole or not at all, also after a power cut."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import IO

from shared.terms.errors import DomainError


def write_durably(path: Path, write: Callable[[IO[bytes]], None], *, root: Path) -> None:
    """Writes under a temporary name, syncs, renames, and syncs the folders.

    Args:
        path: where the file is to lie; its folder is made.
        write: writes the content into the open file; what it raises leaves nothing behind.
        root: the outermost folder that may have been made for it.

    Raises:
        DomainError: ``server.storage_full``; nothing half-written is left.
    """
    temporary = path.parent / f".{uuid.uuid4()}.tmp"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
        sync_folders(path.parent, root)
    except OSError as error:
        raise DomainError("server.storage_full") from error
    finally:
        temporary.unlink(missing_ok=True)


def sync_folders(folder: Path, root: Path) -> None:
    """Syncs a folder and those above it up to ``root``, so that the names in them last."""
    for each in (folder, *folder.parents):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        if each == root:
            return
