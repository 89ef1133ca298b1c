"""What rules may look at, held against the tables there are."""

import dataclasses
import datetime as dt
from pathlib import Path

import polars as pl

from services.monitoring.analyses.parts.items import _ANOMALIES
from services.monitoring.results.catalog import TABLES
from services.monitoring.results.table_files import StoredPart, TableFiles
from services.monitoring.samples.rules import DRAWN
from services.monitoring.warnings.evaluation import figure_findings, rules_for
from services.monitoring.warnings.service.figures import _NOW, Published
from shared.kernel.store.columnar import ColumnarStore
from shared.policy.warnings import effective_parameters, rule_objections, warning_rules
from shared.scoring.early_warnings import ExamFigures
from shared.scoring.items.schemas import ITEM_SCHEMAS
from shared.scoring.methods import CUT_LINES, EFFECTIVE_MARKS
from shared.scoring.plan import AnalysisPlan
from shared.scoring.schemas import SCHEMAS
from tests.scoring.builders import HUNDRED
from tests.services.monitoring.factories import definition

#: Not result tables: who is expected, and what was received.
_OWN = {"enrollment", "participants"}


def test_rules_and_detectors_read_tables_that_there_are() -> None:
    assert {rule.table for rule in warning_rules().values()} - _OWN <= set(_NOW)
    assert set(_NOW) <= set(TABLES)


def test_no_rule_could_look_at_a_table_of_lines() -> None:
    lines = {name for name, table in TABLES.items() if {CUT_LINES, EFFECTIVE_MARKS} & set(table.methods)}
    assert lines >= {"cut_lines", "online_rates", "effective_marks"}
    rule = warning_rules()["low_score_rate"]
    for name in lines:
        assert rule_objections(dataclasses.replace(rule, table=name, measures=("value",))), name


def test_every_rule_reads_the_frames_as_they_are_laid_out() -> None:
    laid_out = {**SCHEMAS, **ITEM_SCHEMAS, "item_anomalies": _ANOMALIES}
    frames = {name: pl.DataFrame(schema=pl.Schema(laid_out[name])) for name in _NOW}
    figures = ExamFigures(school_year="2026-2027", plan=AnalysisPlan(outcomes=(HUNDRED,)), frames=frames)
    earlier = [dataclasses.replace(figures, school_year=f"{year}-{year + 1}") for year in (2025, 2024, 2023)]
    rules = rules_for(kind="graduation_mock", held_on=dt.date(2026, 11, 20))
    assert len(rules) == len(warning_rules()) - 1  # all but that of missing sheets, which reads none
    parameters = {rule.code: effective_parameters(rule, {}) for rule in rules}
    assert figure_findings(rules, figures, earlier, parameters) == []


def test_a_drawn_sample_gives_no_reference_of_a_whole_it_is_not(tmp_path: Path) -> None:
    store = ColumnarStore(tmp_path.as_uri())
    rows = pl.DataFrame({"subject": "maths", "level": ["city", "county", "school", "class"]})
    files = TableFiles.joined(store, "summary", [StoredPart.put(store, "summary", rows)])
    published = Published("exam", "2026-2027", "1.0.0", definition(), {"summary": files.entry()}, _NOW)
    assert published.read(store).frames["summary"]["level"].to_list() == ["city", "school"]
    drawn = dataclasses.replace(published, definition={**published.definition, "sampling": DRAWN})
    assert drawn.read(store).frames["summary"]["level"].to_list() == ["school"]
