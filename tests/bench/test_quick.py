"""The benchmarks run, and every contender gives the same figures; how fast is not asked here."""

from __future__ import annotations

import polars as pl
import pytest

from bench import allocation, distribution, evaluation, growth, items, value_added
from bench.__main__ import main, run
from bench.agreement import differences
from bench.city import QUICK, SCALES, write_cohort, write_growth, write_items, write_marks
from bench.measure import Measurement, answer_path, in_own_process, measure
from bench.report import line, page
from bench.works import OURS, WORKS


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("city")
    write_marks(folder / distribution.FILE, QUICK)
    write_cohort(folder / value_added.FILE, QUICK)
    write_growth(folder / growth.FILE, QUICK)
    write_items(folder / items.FILE, QUICK)
    evaluation.write_values(folder, QUICK)
    allocation.write_staff(folder / allocation.FILE, QUICK)
    return folder


def here(work, contender, folder, *, repeats):
    chosen = next(one for one in WORKS[work].contenders if one.name == contender)
    return measure(chosen, folder, repeats=repeats, answer=answer_path(folder, work, contender))


def test_every_contender_agrees_with_ours_in_every_row(folder):
    pytest.importorskip("duckdb")
    pytest.importorskip("pandas")
    rows = list(run(folder, QUICK, list(WORKS), measured=here))
    assert {row.work for row in rows} == set(WORKS)
    for row in rows:
        compared = any(c.name == row.contender and c.tidy for c in WORKS[row.work].contenders)
        ran = row.measurement.seconds is not None
        assert ran or row.contender == "lme4"
        assert (row.differs == []) == (ran and compared and row.contender != OURS), line(row)
    text = page(rows, QUICK, load=0.0)
    assert all(work.title in text for work in WORKS.values())
    assert "DIFFERENT" not in text


def test_a_contender_in_its_own_process_reports_time_memory_and_figures(folder):
    taken = in_own_process("value_added", OURS, folder, repeats=2)
    assert taken.seconds is not None
    assert taken.seconds > 0
    assert taken.peak_bytes is not None
    assert pl.read_parquet(answer_path(folder, "value_added", OURS)).height == 4


def test_a_contender_that_fails_is_named_and_stops_nothing(tmp_path):
    taken = in_own_process("value_added", OURS, tmp_path, repeats=1)
    assert taken.seconds is None
    assert "cohort.parquet" in taken.note


def test_other_figures_are_found(folder, tmp_path):
    ours = pl.DataFrame({"group": ["a", "b"], "mean": [1.0, None]})
    paths = [tmp_path / f"{n}.parquet" for n in range(4)]
    changed = [
        ours,
        ours.with_columns(mean=pl.Series([1.0 + 1e-6, None])),
        ours.with_columns(mean=pl.Series([1.0, 0.0])),
        ours.head(1),
    ]
    for path, frame in zip(paths, changed, strict=True):
        frame.write_parquet(path)
    assert [differences(paths[0], path, tolerance=1e-9) for path in paths] == [
        [],
        ["mean"],
        ["mean"],
        ["(2, 2) against (1, 2)"],
    ]


def test_the_page_says_what_was_met_and_missed():
    from bench.report import Row

    ours = Row("replacement", OURS, Measurement(1.0, 1 << 20), 1.0, None)
    slow = Row("replacement", "everything again", Measurement(60.0, 1 << 20), 60.0, [])
    fast = Row("replacement", "everything again", Measurement(9.0, 1 << 20), 9.0, ["mean"])
    assert "≥ 50 met" in page([ours, slow], QUICK, load=1.0)
    missed = page([ours, fast], QUICK, load=1.0)
    assert "≥ 50 missed" in missed
    assert "DIFFERENT: mean" in missed


def test_the_city_is_the_same_every_time(folder, tmp_path):
    write_marks(tmp_path / "again.parquet", QUICK)
    assert pl.read_parquet(tmp_path / "again.parquet").equals(pl.read_parquet(folder / distribution.FILE))
    assert set(SCALES) == {"full", "middle", "quick"}


def test_the_command_writes_its_page(tmp_path, capsys):
    assert main(["--quick", "--only", "value_added", "--results", str(tmp_path / "results.md")]) == 0
    assert "value_added" in capsys.readouterr().out
    assert (tmp_path / "results.md").read_text("utf-8").startswith("# Benchmarks")
