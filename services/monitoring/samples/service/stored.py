"""Draws in the columnar store, as the JSON text that repeats them. Blocks: call it in a thread."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.sampling.draws import SampleDraw
from shared.scoring.sampling.pupils import PupilDraw


@dataclass(frozen=True, slots=True, eq=False)
class StoredDraw:
    """Both stages of a draw, and the files they are in."""

    schools: SampleDraw
    pupils: PupilDraw
    draw_sha256: str
    pupils_sha256: str


def put_draw(store: ColumnarStore, schools: SampleDraw, pupils: PupilDraw) -> StoredDraw:
    """Stores a draw."""
    files = [store.put(pl.DataFrame({"json": [part.to_json()]})).sha256 for part in (schools, pupils)]
    return StoredDraw(schools, pupils, *files)


def get_schools(store: ColumnarStore, sha256: str) -> SampleDraw:
    """Reads the draw of schools."""
    return SampleDraw.from_json(store.get(sha256)["json"].item())


def get_pupils(store: ColumnarStore, sha256: str) -> PupilDraw:
    """Reads the draw of pupils: of sampled schools and of their replacements."""
    return PupilDraw.from_json(store.get(sha256)["json"].item())
