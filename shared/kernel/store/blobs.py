"""The blob store: files that people hand in, immutable, named by their content.

A file lies at ``kept/<first two>/<sha256>`` once a transaction may name it. What turns out to be infected is moved to
``quarantine/`` and never read again by a service; what no row names is removed by :meth:`BlobStore.sweep`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Collection
from pathlib import Path
from typing import IO

from shared.kernel.store.columnar import DAY_SECONDS
from shared.kernel.store.durable import sync_folders, write_durably

#: How long an infected file is kept for whoever looks into it.
QUARANTINE_SECONDS = 90 * DAY_SECONDS


class BlobStore:
    """A folder of immutable files. All methods block; call them from a thread."""

    def __init__(self, url: str) -> None:
        if "://" in url and not url.startswith("file://"):
            raise ValueError(f"BLOB_URL={url}: only folders (file://...) are supported")
        self.root = Path(url.removeprefix("file://"))

    def put(self, source: Path, sha256: str) -> None:
        """Stores a copy of a received file; storing the same content again changes nothing.

        Args:
            source: the file as it was received.
            sha256: the hash of its content, as counted while it was received.

        Raises:
            DomainError: ``server.storage_full``; nothing half-written is left.
            ValueError: the file is not what its hash says.
        """
        path = self._kept(sha256)
        if path.exists():
            # The sweep looks at the age: a file just handed in again is young again.
            os.utime(path)
            return
        self._copy(source, path, sha256)

    def path(self, sha256: str) -> Path:
        """Where a stored file lies, for sending it as it is; raises ``FileNotFoundError``."""
        path = self._kept(sha256)
        if not path.exists():
            raise FileNotFoundError(sha256)
        return path

    def is_sound(self, sha256: str) -> bool:
        """Whether the file is there and its content is what its name says."""
        path = self._kept(sha256)
        return path.exists() and _digest(path) == sha256

    def quarantine(self, sha256: str, source: Path | None = None) -> None:
        """Takes an infected file out of what is served: a stored one is moved, a received one copied."""
        target = self.root / "quarantine" / sha256
        if source is not None and not target.exists():
            self._copy(source, target, sha256)
        stored = self._kept(sha256)
        if stored.exists():
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            stored.rename(target)
            sync_folders(target.parent, self.root)
        if target.exists():
            target.chmod(0o400)
            os.utime(target)

    def sweep(self, named: Collection[str], *, older_than: float = DAY_SECONDS) -> int:
        """Removes files no row names once older than a day, and what has lain in quarantine; returns how many."""
        keep, now, removed = set(named), time.time(), 0
        ages = [(path, older_than) for path in self.root.glob("kept/*/*") if path.name not in keep]
        ages += [(path, QUARANTINE_SECONDS) for path in self.root.glob("quarantine/*")]
        for path, age in ages:
            if path.stat().st_mtime < now - age:
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    def _kept(self, sha256: str) -> Path:
        return self.root / "kept" / sha256[:2] / sha256

    def _copy(self, source: Path, target: Path, sha256: str) -> None:
        def write(file: IO[bytes]) -> None:
            with source.open("rb") as reader:
                shutil.copyfileobj(reader, file, 1 << 20)

        if _digest(source) != sha256:
            raise ValueError("the file is not what its hash says")
        write_durably(target, write, root=self.root)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
