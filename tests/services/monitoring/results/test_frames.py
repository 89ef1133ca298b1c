"""Reading frames: small ones are held, large ones read by the part asked for; the cache stays small."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.monitoring.results import frames
from services.monitoring.results.frames import FrameCache, ResultFrames
from services.monitoring.results.table_files import StoredPart, TableFiles
from shared.kernel.store.columnar import ColumnarStore


def test_the_cache_lets_go_of_what_was_unused_longest() -> None:
    cache = FrameCache(limit=30)
    for name in "abc":
        cache.put(name, name.upper(), 10)
    cache.get("a")
    cache.put("d", "D", 10)
    assert [name for name in "abcd" if cache.get(name) is not None] == ["a", "c", "d"]
    cache.put("large", "too large to hold", 31)
    assert cache.get("large") is None
    assert cache.size == 0


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.integers(1, 40)), max_size=30))
def test_the_cache_never_holds_more_than_its_limit(entries: list[tuple[str, int]]) -> None:
    cache = FrameCache(limit=60)
    for name, size in entries:
        cache.put(name, name, size)
        held = [dict(reversed(entries)).get(name, 0) for name in "abcde" if cache.get(name)]
        assert 0 <= cache.size <= 60
        assert bool(held) == (cache.size > 0)


def reader(store: ColumnarStore, frame: pl.DataFrame, cache: FrameCache) -> ResultFrames:
    parts = [StoredPart.put(store, "summary", part) for part in frame.partition_by("subject", maintain_order=True)]
    return ResultFrames(store, cache, {"summary": TableFiles.joined(store, "summary", parts).entry()})


def test_small_frames_are_read_once_and_large_ones_by_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pl.DataFrame({"subject": ["art", "maths"], "school_code": ["a", "b"], "n": [1, 2]})
    for limit, held in ((5, False), (6, True)):
        monkeypatch.setattr(frames, "HELD_CELLS", limit)
        read = reader(ColumnarStore(str(tmp_path / str(held))), frame, FrameCache())
        assert read.scan("summary").filter(pl.col("school_code") == "b").collect()["n"].to_list() == [2]
        assert (read.cache.get(read.files["summary"]["sha256"]) is not None) == held
    for part in read.table("summary").parts:
        read.store.path(part.sha256).unlink()
    assert read.scan("summary").collect().equals(frame)


@pytest.mark.parametrize("limit", [1, 10**9])
def test_rows_are_taken_wherever_they_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(frames, "HELD_CELLS", limit)
    subjects = pl.Series(["art", "maths", "music"]).gather([0] * 20_000 + [1] * 20_000 + [2] * 90_000)
    frame = pl.DataFrame({"subject": subjects, "n": range(130_000)})
    read = reader(ColumnarStore(str(tmp_path)), frame, FrameCache())
    asked = [[], [0], [129_999], [3, 4, 5], [1, 17_000, 49_998], [60_001, 49_999, 7, 21_000, 8], [129_000, 41_000]]
    for rows in (*asked, list(range(16_380, 16_390)), list(range(19_990, 20_010)), list(range(39_999, 100, -4_000))):
        taken = read.take("summary", pl.Series(rows, dtype=pl.UInt32))
        assert taken["n"].to_list() == rows


def test_what_is_worked_out_is_kept_for_equal_frames_only(tmp_path: Path) -> None:
    store, cache = ColumnarStore(str(tmp_path)), FrameCache()
    first, same, other = (reader(store, pl.DataFrame({"subject": "art", "n": [n]}), cache) for n in (1, 1, 2))
    made = [read.kept("key", lambda place=place: [place], len) for place, read in enumerate((first, same, other))]
    assert made == [[0], [0], [2]]
