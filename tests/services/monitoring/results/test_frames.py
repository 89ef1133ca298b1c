"""Reading frames: small files are held, large ones read by the part asked for; the cache stays small."""

from pathlib import Path

import polars as pl

from services.monitoring.results import frames
from services.monitoring.results.frames import FrameCache, ResultFrames
from shared.kernel.store.columnar import ColumnarStore


def test_the_cache_lets_go_of_what_was_unused_longest() -> None:
    frame = pl.DataFrame({"x": range(1000)})
    cache = FrameCache(limit=3 * int(frame.estimated_size()))
    for name in "abc":
        cache.put(name, frame)
    cache.get("a")
    cache.put("d", frame)
    assert [name for name in "abcd" if cache.get(name) is not None] == ["a", "c", "d"]
    assert cache.size <= 3 * int(frame.estimated_size())
    cache.put("large", pl.DataFrame({"x": range(10_000)}))
    assert cache.get("large") is None


def test_small_files_are_read_once_and_large_ones_by_part(tmp_path: Path) -> None:
    store = ColumnarStore(str(tmp_path))
    frame = pl.DataFrame({"school_code": ["a", "b"], "n": [1, 2]})
    stored = store.put(frame)
    cache = FrameCache()
    for size, held in ((frames.HELD_FILE_BYTES + 1, False), (stored.size, True)):
        reader = ResultFrames(store, cache, {"summary": {"sha256": stored.sha256, "size": size}})
        assert reader.scan("summary").filter(pl.col("school_code") == "b").collect()["n"].to_list() == [2]
        assert (cache.get(stored.sha256) is not None) == held
    store.path(stored.sha256).unlink()
    assert reader.scan("summary").collect().equals(frame)
