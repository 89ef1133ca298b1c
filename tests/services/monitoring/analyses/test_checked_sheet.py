"""The sheet kept from run to run: the same to the byte as one made anew, and never trusted beyond its hash."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from services.monitoring.analyses.checked_sheet import CODE, checked_sheet
from services.monitoring.analyses.computation import compute
from shared.kernel.store.columnar import ColumnarStore
from shared.terms.errors import DomainError
from tests.services.monitoring.analyses.test_parts import Notes, inputs_of


class Reader:
    """Reads sheets, and remembers which."""

    def __init__(self, store: ColumnarStore) -> None:
        self.store = store
        self.read: list[str] = []

    def __call__(self, sha256s: Any) -> pl.DataFrame:
        self.read += sha256s
        return pl.concat([self.store.get(sha256) for sha256 in sha256s])


def with_sheet(store: ColumnarStore, inputs: dict[str, Any], number: int, frame: pl.DataFrame) -> dict[str, Any]:
    sheets = [dict(sheet) for sheet in inputs["sheets"]]
    sheets[number]["sha256"] = store.put(frame).sha256
    return inputs | {"sheets": sheets}


def sheet_of(store: ColumnarStore, inputs: dict[str, Any], number: int) -> pl.DataFrame:
    return store.get(inputs["sheets"][number]["sha256"])


def test_what_is_brought_up_to_date_is_what_is_made_anew(tmp_path: Path) -> None:
    store = ColumnarStore(str(tmp_path))
    inputs = inputs_of(store)
    first = checked_sheet(store, inputs, None, Reader(store)).keep(store)
    frame = sheet_of(store, inputs, 2).with_columns(maths=pl.lit(7, pl.Int32), maths__status=pl.lit("present"))
    corrected = with_sheet(store, inputs, 2, frame)
    gone = corrected | {"sheets": corrected["sheets"][1:]}
    for now, wanted in ((corrected, 1), (gone, 1), (inputs | {"sheets": inputs["sheets"][:3]}, 0), (inputs, 0)):
        read, anew = Reader(store), checked_sheet(store, now, None, Reader(store))
        found = checked_sheet(store, now, first, read)
        assert len(read.read) == wanted
        assert found.keep(store) == anew.keep(store)
        assert found.marks.frame.equals(anew.marks.frame)
        assert found.beside.equals(anew.beside)
    without = checked_sheet(store, gone, first, Reader(store)).keep(store)
    assert checked_sheet(store, inputs, without, Reader(store)).keep(store) == first


def test_a_damaged_or_missing_one_is_made_anew(tmp_path: Path) -> None:
    store = ColumnarStore(str(tmp_path))
    inputs = inputs_of(store)
    kept = checked_sheet(store, inputs, None, Reader(store)).keep(store)
    path = store.path(kept["frames"][CODE]["sha256"])
    for spoil in (lambda: path.write_bytes(b"gone"), path.unlink):
        spoil()
        read = Reader(store)
        assert checked_sheet(store, inputs, kept, read).keep(store) == kept
        assert len(read.read) == len(inputs["sheets"])
        assert store.is_sound(path.stem)


def test_a_candidate_of_two_schools_is_refused_though_one_sheet_alone_is_read(tmp_path: Path) -> None:
    store = ColumnarStore(str(tmp_path))
    inputs = inputs_of(store)
    kept = checked_sheet(store, inputs, None, Reader(store)).keep(store)
    stolen = sheet_of(store, inputs, 0)["candidate_id"][0]
    frame = sheet_of(store, inputs, 1)
    first = pl.int_range(pl.len()) == 0
    twice = frame.with_columns(candidate_id=pl.when(first).then(pl.lit(stolen)).otherwise(pl.col("candidate_id")))
    with pytest.raises(DomainError) as refused:
        checked_sheet(store, with_sheet(store, inputs, 1, twice), kept, Reader(store))
    assert [(fault.code, fault.source_id) for fault in refused.value.faults] == [
        ("scoring.candidate_twice", stolen),
        ("scoring.candidate_twice", stolen),
    ]


def test_a_run_keeps_it_for_the_next_and_hands_it_on(tmp_path: Path) -> None:
    store = ColumnarStore(str(tmp_path))
    inputs = inputs_of(store)
    first = compute(store, inputs, Notes())
    again = compute(store, inputs, Notes(), known=list(first.tasks.values()))
    assert again.tasks[CODE] == first.tasks[CODE]
    assert CODE not in (*again.computed, *again.taken_over)
    frame = sheet_of(store, inputs, 0).with_columns(chinese=pl.lit(3, pl.Int32))
    corrected = with_sheet(store, inputs, 0, frame)
    after = compute(store, corrected, Notes(), known=list(again.tasks.values()))
    assert after.tasks == compute(store, corrected, Notes()).tasks
    assert after.tasks[CODE]["schools"] != first.tasks[CODE]["schools"]
