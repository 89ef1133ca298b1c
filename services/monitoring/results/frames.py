"""The frames of a result set, read from the columnar store. Everything here blocks: call it in a thread."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from shared.kernel.store.columnar import ColumnarStore

CACHE_BYTES = 128 * 2**20
#: Files larger than this are read by the part that is asked for, never held whole.
HELD_FILE_BYTES = 4 * 2**20


class FrameCache:
    """Frames read lately, by content hash, up to a number of bytes; may be used from several threads."""

    def __init__(self, limit: int = CACHE_BYTES) -> None:
        self._limit = limit
        self._frames: OrderedDict[str, pl.DataFrame] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, sha256: str) -> pl.DataFrame | None:
        """A frame that is held, or ``None``."""
        with self._lock:
            if sha256 in self._frames:
                self._frames.move_to_end(sha256)
            return self._frames.get(sha256)

    def put(self, sha256: str, frame: pl.DataFrame) -> None:
        """Holds a frame, letting go of those unused longest."""
        with self._lock:
            self._frames[sha256] = frame
            self._frames.move_to_end(sha256)
            while self._frames and self.size > self._limit:
                self._frames.popitem(last=False)

    @property
    def size(self) -> int:
        """Bytes held."""
        return sum(int(frame.estimated_size()) for frame in self._frames.values())


@dataclass(frozen=True, slots=True)
class ResultFrames:
    """The frames that one manifest names.

    Args:
        store: where the files are.
        cache: shared by all result sets of a process.
        files: ``{frame name: {"sha256", "size", ...}}``.
    """

    store: ColumnarStore
    cache: FrameCache
    files: Mapping[str, Mapping[str, Any]]

    def scan(self, name: str) -> pl.LazyFrame:
        """A frame, to be filtered before it is collected."""
        sha256 = self.files[name]["sha256"]
        if self.files[name]["size"] > HELD_FILE_BYTES:
            return self.store.scan(sha256)
        frame = self.cache.get(sha256)
        if frame is None:
            frame = self.store.get(sha256)
            self.cache.put(sha256, frame)
        return frame.lazy()
