"""Parts of an analysis: listed, described, and taken over when nothing they follow from has changed."""

from pathlib import Path
from typing import Any

import polars as pl

from services.monitoring.analyses import parts
from services.monitoring.analyses.computation import compute, tasks_of
from services.monitoring.analyses.rules import frozen_inputs
from services.monitoring.exams.rules import analysis_plan
from services.monitoring.results.catalog import BY_ADDRESS, TABLES
from services.monitoring.results.table_files import TableFiles
from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.exam import analyze
from shared.scoring.frame import MarkUnit
from tests.services.monitoring.factories import SchoolOfTest, definition, sheet_frame

SCHOOLS = [SchoolOfTest(f"219900000{n}", f"99000{1 + n % 2}", 40) for n in range(1, 5)]


class Notes:
    """Progress written down."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, int, str]] = []

    def report(self, done: int, total: int, step: str) -> None:
        """Takes note of a step."""
        self.steps.append((done, total, step))


def inputs_of(store: ColumnarStore, *, seed: int = 0, **changes: Any) -> dict[str, Any]:
    sheets = []
    for school in SCHOOLS:
        stored = store.put(sheet_frame(school, seed=seed))
        row = {"school_code": school.code, "county_code": school.county, "sha256": stored.sha256, "rows": stored.rows}
        sheets.append(row)
    return frozen_inputs(definition(**changes), area="99/9900/", roster_sha256=None, sheets=[]) | {"sheets": sheets}


def test_every_part_is_listed_and_every_frame_is_in_the_catalog() -> None:
    folder = Path(parts.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "base"}
    assert files == {part.name for part in parts.PARTS}, "add the part to PARTS in parts/__init__.py"
    frames = {frame for part in parts.PARTS for frame in part.frames}
    assert frames == set(TABLES), "every frame has an entry in results/catalog.py, and every entry a part"
    assert {table.address for table in BY_ADDRESS.values()} == set(BY_ADDRESS)


def test_a_run_takes_over_what_an_earlier_one_did_with_the_same_inputs(tmp_path: Path) -> None:
    store, notes = ColumnarStore(str(tmp_path)), Notes()
    inputs = inputs_of(store)
    first = compute(store, inputs, notes)
    assert set(first.computed) == {task.code for _, task in tasks_of(inputs)}
    assert [done for done, _, _ in notes.steps] == sorted(done for done, _, _ in notes.steps)
    assert notes.steps[-1][0] == notes.steps[-1][1]
    again = compute(store, inputs, Notes(), known=list(first.tasks.values()))
    assert again.computed == ()
    assert (again.frames, again.counts, again.tasks) == (first.frames, first.counts, first.tasks)


def test_names_change_no_figure_and_marks_and_thresholds_do(tmp_path: Path) -> None:
    store = ColumnarStore(str(tmp_path))
    known = list(compute(store, inputs_of(store), Notes()).tasks.values())
    assert compute(store, inputs_of(store, name_zh="改名"), Notes(), known=known).computed == ()
    assert "marks:maths" in compute(store, inputs_of(store, seed=1), Notes(), known=known).computed
    rates = [{"code": "pass", "threshold": "0.5"}]
    weights = [{"component": "score_rate", "weight": "1"}]
    assert (
        "marks:maths" in compute(store, inputs_of(store, rates=rates, composite=weights), Notes(), known=known).computed
    )


def test_a_damaged_frame_is_computed_again(tmp_path: Path) -> None:
    store = ColumnarStore(str(tmp_path))
    inputs = inputs_of(store)
    first = compute(store, inputs, Notes())
    maths = next(part for part in first.frames["summary"]["parts"] if part["value"] == "maths")
    for spoil in (lambda path: path.write_bytes(b"gone"), Path.unlink):
        spoil(store.path(maths["sha256"]))
        again = compute(store, inputs, Notes(), known=list(first.tasks.values()))
        assert again.computed == ("marks:maths",)
        assert again.frames == first.frames


def test_tables_stand_in_the_order_of_their_keys_in_whatever_files_they_are(tmp_path: Path) -> None:
    store = ColumnarStore(str(tmp_path))
    models = [{"outcome": "total", "intakes": ["entry"]}, {"outcome": "maths", "intakes": ["entry"]}]
    frames = compute(store, inputs_of(store, value_added_models=models), Notes()).frames
    for name, entry in frames.items():
        table, files = TABLES[name], TableFiles.of(entry)
        rows = files.get(store)
        descending = [key == table.top_down for key in table.keys]
        nulls_last = [key in table.nulls_last for key in table.keys]
        assert rows.equals(rows.sort(table.keys, descending=descending, nulls_last=nulls_last)), name
        assert rows.height == entry["rows"], name
        if table.divided_by is None:
            assert [part["sha256"] for part in entry["parts"]] == [entry["sha256"]], name
        else:
            assert [part["value"] for part in entry["parts"]] == rows[table.divided_by].unique().sort().to_list(), name


def test_figures_are_those_of_the_exam_as_a_whole(tmp_path: Path) -> None:
    store = ColumnarStore(str(tmp_path))
    inputs = inputs_of(store)
    frames = compute(store, inputs, Notes()).frames
    sheets = [store.get(sheet["sha256"]) for sheet in inputs["sheets"]]
    whole = analyze(sheets, analysis_plan(inputs["definition"]), lambda *_: None, unit=MarkUnit.GRID_UNIT)
    for name, frame in whole.frames().items():
        assert TableFiles.of(frames[name]).get(store).equals(frame), name


def with_marks_of_another_subject(store: ColumnarStore, inputs: dict[str, Any], **marks: Any) -> dict[str, Any]:
    first, *others = inputs["sheets"]
    frame = store.get(first["sha256"]).with_columns(**marks)
    return inputs | {"sheets": [{**first, "sha256": store.put(frame).sha256}, *others]}


def test_a_corrected_subject_leaves_the_figures_of_others_as_they_were(tmp_path: Path) -> None:
    store = ColumnarStore(str(tmp_path))
    models = [{"outcome": "maths", "intakes": ["entry"]}, {"outcome": "chinese", "intakes": ["entry"]}]
    inputs = inputs_of(store, value_added_models=models)
    first = compute(store, inputs, Notes())
    assert {"growth:maths~entry", "growth:chinese~entry"} <= set(first.computed)
    corrected = with_marks_of_another_subject(store, inputs, chinese=(pl.col("chinese") + 1).clip(0, 100))
    again = compute(store, corrected, Notes(), known=list(first.tasks.values()))
    assert {code for code in again.computed if code.partition(":")[0] in ("marks", "growth", "value_added")} == {
        "marks:chinese",
        "marks:total",
        "growth:chinese~entry",
        "value_added:chinese~entry[reml,t]",
    }
    for name in ("summary", "cumulative", "bands", "standings"):
        before, after = (
            {part["value"]: part["sha256"] for part in run.frames[name]["parts"]} for run in (first, again)
        )
        assert {value for value in after if after[value] != before[value]} == {"chinese", "total"}, name
    assert again.frames == compute(store, corrected, Notes()).frames
    # What was taken over once more is known by what it was given, too: nothing is read to see it.
    third = compute(store, corrected, Notes(), known=list(again.tasks.values()))
    assert third.computed == ()


def test_an_attribute_of_a_school_is_part_of_what_growth_follows_from(tmp_path: Path) -> None:
    store = ColumnarStore(str(tmp_path))
    inputs = inputs_of(store)
    first = compute(store, inputs, Notes())
    moved = with_marks_of_another_subject(store, inputs, place=pl.lit("乡镇"))
    assert "growth:maths~entry" in compute(store, moved, Notes(), known=list(first.tasks.values())).computed
