"""The frames of a result set, read from the columnar store. Everything here blocks: call it in a thread."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from services.monitoring.results.table_files import TableFiles
from shared.kernel.store.columnar import ColumnarStore

T = TypeVar("T")
CACHE_BYTES = 256 * 2**20
#: Frames of more cells than this are read by the part that is asked for, never held whole.
HELD_CELLS = 4 * 2**20
#: Rows further apart than this are looked for one by one.
_SPARSE, _NEAR = 64, 32_768


class FrameCache:
    """What was read or worked out lately, up to a number of bytes; may be used from several threads."""

    def __init__(self, limit: int = CACHE_BYTES) -> None:
        self._limit = limit
        self._entries: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()
        self.size = 0
        """Bytes held."""

    def get(self, key: Hashable) -> Any:
        """What is held under a key, or ``None``."""
        with self._lock:
            if key not in self._entries:
                return None
            self._entries.move_to_end(key)
            return self._entries[key][0]

    def put(self, key: Hashable, value: Any, size: int) -> None:
        """Holds something of a number of bytes, letting go of what was unused longest."""
        with self._lock:
            self.size += size - self._entries.pop(key, (None, 0))[1]
            self._entries[key] = value, size
            while self.size > self._limit:
                _, (_, freed) = self._entries.popitem(last=False)
                self.size -= freed


@dataclass(frozen=True)
class ResultFrames:
    """The frames that one manifest names.

    Args:
        store: where the files are.
        cache: shared by all result sets of a process.
        files: the manifest's ``frames``.
    """

    store: ColumnarStore
    cache: FrameCache
    files: Mapping[str, Mapping[str, Any]]

    @cached_property
    def identity(self) -> tuple[str, ...]:
        """The same for equal frames and for no others."""
        return tuple(sorted(file["sha256"] for file in self.files.values()))

    def table(self, name: str) -> TableFiles:
        """The files of a frame."""
        return TableFiles.of(self.files[name])

    def scan(self, name: str) -> pl.LazyFrame:
        """A frame, to be filtered before it is collected."""
        if not self._is_held(name):
            return self.table(name).scan(self.store)
        return self._held(name).lazy()

    def take(self, name: str, rows: pl.Series) -> pl.DataFrame:
        """Some rows of a frame, in the order asked for.

        Args:
            name: the frame.
            rows: positions. Of a large file what lies between the lowest and the highest is read if they lie near one
                another, else the file is gone through; files without any of them are left alone.
        """
        if self._is_held(name):
            return self._held(name)[rows]
        if rows.is_empty():
            return self.scan(name).head(0).collect()
        table, places = self.table(name), rows.to_numpy()
        firsts = np.array(table.firsts)
        file = np.searchsorted(firsts, places, side="right") - 1
        taken = [
            _rows_of(self.store.scan(table.parts[n].sha256), places[file == n] - firsts[n]) for n in np.unique(file)
        ]
        whole = pl.concat(taken)
        return whole if rows.is_sorted() else whole[np.argsort(np.argsort(file, kind="stable"))]

    def kept(self, key: Hashable, make: Callable[[], T], size: Callable[[T], int]) -> T:
        """What is worked out from these frames alone: made once, kept while there is room.

        Args:
            key: names it among all that is made of equal frames.
            make: makes it.
            size: how many bytes it takes.
        """
        whole = (self.identity, key)
        value: T | None = self.cache.get(whole)
        if value is None:
            value = make()
            self.cache.put(whole, value, size(value))
        return value

    def _is_held(self, name: str) -> bool:
        file = self.files[name]
        return int(file["rows"]) * len(file["columns"]) <= HELD_CELLS

    def _held(self, name: str) -> pl.DataFrame:
        sha256 = self.files[name]["sha256"]
        frame: pl.DataFrame | None = self.cache.get(sha256)
        if frame is None:
            frame = self.table(name).get(self.store)
            self.cache.put(sha256, frame, int(frame.estimated_size()))
        return frame


def _rows_of(file: pl.LazyFrame, rows: NDArray[np.int64]) -> pl.DataFrame:
    """Some rows of a file, in the order asked for."""
    first = int(rows.min())
    span = int(rows.max()) - first + 1
    if span <= _SPARSE * len(rows) + _NEAR:
        part = file.slice(first, span).collect()
        is_whole = part.height == len(rows) and bool((np.diff(rows) > 0).all())
        return part if is_whole else part[rows - first]
    wanted = pl.DataFrame({"__row": pl.Series(rows, dtype=pl.UInt32)}).lazy()
    found = file.with_row_index("__row").join(wanted, on="__row", how="semi")
    return wanted.join(found, on="__row", how="left", maintain_order="left").drop("__row").collect()
