"""Received files that wait for a job: kept durably until read, then removed, because they hold personal numbers."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path


class IncomingFiles:
    """A folder of received bodies, named by the upload they belong to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, source: Path, upload_id: uuid.UUID) -> None:
        """Copies and syncs a spooled body; it is there before the transaction that names it commits."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = self.path(upload_id)
        with source.open("rb") as reader, target.open("wb") as writer:
            shutil.copyfileobj(reader, writer, 1 << 20)
            writer.flush()
            os.fsync(writer.fileno())

    def path(self, upload_id: uuid.UUID) -> Path:
        """Where a kept body lies."""
        return self._folder / str(upload_id)

    def discard(self, upload_id: uuid.UUID) -> None:
        """Removes a body that has been read."""
        self.path(upload_id).unlink(missing_ok=True)
