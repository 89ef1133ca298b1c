"""The benchmark of one exam: its city adds up, its page says what was kept, and (slowly) the whole of it runs."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from bench.exam.__main__ import run
from bench.exam.city import Files, city_files
from bench.exam.correction import _chosen, _corrected
from bench.exam.intake import measure_intake
from bench.exam.report import ANALYSIS, CORRECTION, Intake, verdicts
from bench.exam.scales import SCALES
from bench.exam.stages import Stage


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Files:
    return city_files(tmp_path_factory.mktemp("city") / "quick", SCALES["quick"])


def frame(path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False) if path.suffix == ".csv" else pl.read_parquet(path)


def test_items_add_up_to_the_marks_of_the_sheet(files: Files):
    marks = {sheet.school_code: frame(sheet.path) for sheet in files.of("marks")}
    for sheet in files.of("items"):
        items = files.papers[str(sheet.subject)]["items"]
        assert sum(Decimal(item["full_mark"]) for item in items) in (
            Decimal(150),
            Decimal(90),
            Decimal(60),
            Decimal(50),
        )
        codes = [item["code"] for item in items]
        sums = frame(sheet.path).select(pl.sum_horizontal(pl.col(codes).cast(pl.Float64)).alias("sum"), "status")
        whole = marks[sheet.school_code][str(sheet.subject)].cast(pl.Float64).fill_null(0)
        assert sums["sum"].to_list() == whole.to_list()
        assert (sums.filter(pl.col("status") != "present")["sum"] == 0).all()


def test_both_formats_are_sent_and_files_are_made_once(files: Files):
    assert {sheet.format for sheet in files.sheets} == {"csv", "parquet"}
    again = city_files(files.folder, SCALES["quick"])
    assert again.sheets == files.sheets
    assert len(files.of("items")) == len(files.papers) * files.counts["sending"]


def test_item_sheets_pass_every_check_and_are_timed(files: Files):
    taken = measure_intake(files)
    assert taken.files > 0
    assert taken.marks == sum(sheet.marks for sheet in files.of("items") if sheet.format == "csv")
    assert taken.rate > 0


def test_a_corrected_sheet_differs_in_a_few_candidates_and_still_adds_up(files: Files, tmp_path):
    sheet, items = _chosen(files)
    new_marks, new_items = _corrected(sheet, items, files)
    old, new = frame(sheet.path), pl.read_csv(new_marks, infer_schema=False)
    subject = str(items.subject)
    assert 0 < (old[subject].cast(pl.Float64) != new[subject].cast(pl.Float64)).sum() <= 3
    codes = [item["code"] for item in files.papers[subject]["items"]]
    sums = pl.read_csv(new_items, infer_schema=False).select(pl.sum_horizontal(pl.col(codes).cast(pl.Float64)))
    assert sums.to_series().to_list() == new[subject].cast(pl.Float64).fill_null(0).to_list()


def test_promises_are_held_against_what_was_measured():
    stages = [Stage(ANALYSIS, seconds=61.0), Stage(CORRECTION, seconds=1.9)]
    found = verdicts(stages, {"workers": 3 << 30}, intake=Intake(10, 1_000_000, 2.0))
    assert [verdict.met for verdict in found] == [True, False, False, True, True]
    assert "| 61.0 s | missed |" in found[1].line()


@pytest.mark.slow
def test_the_whole_exam_at_the_smallest_scale(tmp_path):
    found, text = run(SCALES["quick"], tmp_path / "files", tmp_path / "var", topology="all-in-one")
    assert found[-1].met
    assert "correction: upload until published" in text
