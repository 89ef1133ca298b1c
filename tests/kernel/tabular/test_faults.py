"""Faults at scale: added by whole columns, read as objects, counts or sentences."""

from __future__ import annotations

import time

import polars as pl
import pytest
import yaml

from shared.kernel.tabular.columns import ROW
from shared.kernel.tabular.faults import FaultTable, Rule, unique_faults
from shared.kernel.tabular.messages import with_messages
from shared.terms.errors import DomainError
from shared.terms.problem_catalogue import FOLDER, ProblemKind, catalogue

FRAME = pl.DataFrame(
    {
        ROW: [2, 3, 4, 5, 6],
        "code": ["A", "B", "A", None, "A"],
        "id": ["9", "8", "9", "9", "7"],
        "mark": [1, 200, 3, 4, 500],
    },
    schema_overrides={ROW: pl.UInt32},
)
IDS = FRAME.select(ROW, source_id=pl.col("code"))


def test_a_rule_over_a_column_with_params_per_row() -> None:
    faults = FaultTable(source_ids=IDS, headers={"mark": "成绩"})
    faults.add_where(
        FRAME,
        pl.col("mark") > 100,
        code="cell.out_of_range",
        column="mark",
        params={"digits": 3, "mark": pl.col("mark")},
    )
    assert faults.count == 2
    first = faults.first(1)[0]
    assert (first.row, first.column, first.value, first.source_id) == (3, "成绩", "200", "B")
    assert first.params == {"row": 3, "column": "成绩", "source_id": "B", "value": "200", "digits": 3, "mark": 200}
    assert faults.faulty_rows().to_list() == [3, 6]


def test_duplicates_name_the_first_row_and_leave_out_null_keys() -> None:
    faults = FaultTable()
    unique_faults(FRAME, ["code"], faults)
    assert [(fault.row, fault.value, fault.params["first_row"]) for fault in faults.first()] == [
        (4, "A", 2),
        (6, "A", 2),
    ]
    both = FaultTable(sensitive=frozenset({"id"}))
    unique_faults(FRAME, ["code", "id"], both)
    assert [(fault.row, fault.value) for fault in both.first()] == [(4, None)]


def test_order_counts_and_raising() -> None:
    faults = FaultTable(source_ids=IDS)
    faults.add("cell.missing", row=5, column="code")
    faults.add("column.missing", column="name", allowed="name")
    faults.add("cell.formula", row=3, column="code", value="=1\n")
    faults.add("cell.missing", row=2, column="code")
    assert [fault.row for fault in faults.first()] == [None, 2, 3, 5]
    assert faults.counts_by_code() == {"cell.missing": 2, "cell.formula": 1, "column.missing": 1}
    assert faults.first()[2].value == "=1\ufffd"
    with pytest.raises(DomainError) as caught:
        faults.raise_if_any(shown=2)
    assert (caught.value.code, len(caught.value.faults), caught.value.fault_count) == ("table.faulty", 2, 4)
    FaultTable().raise_if_any()


def test_a_million_faults_are_a_frame() -> None:
    frame = pl.DataFrame({ROW: pl.int_range(1_000_000, eager=True, dtype=pl.UInt32), "code": "x"})
    faults = FaultTable(source_ids=frame.select(ROW, source_id=pl.col(ROW).cast(pl.String)))
    started = time.monotonic()
    faults.add_where(frame, pl.lit(True), code="cell.missing", column="code", params={"a": 1})
    assert len(faults.first(10)) == 10
    assert with_messages(faults.frame, language="zh").item(999_999, "message").startswith("第 999999 行的“code”为空")
    assert time.monotonic() - started < 4


def test_sentences_equal_those_of_the_catalogue() -> None:
    faults = FaultTable()
    faults.add("cell.not_allowed", row=7, column="status", allowed="present、absent", value="late")
    faults.add("row.ragged", row=8, params={"found": 3, "expected": 4})
    faults.add("no.such_code", row=9)
    for language in ("zh", "en"):
        messages = with_messages(faults.frame, language=language).get_column("message").to_list()
        for fault, message in zip(faults.first(2), messages[:2], strict=True):
            problem = catalogue()[fault.code]
            assert message.startswith(problem.sentence(language, fault.params))
            assert message.endswith(problem.remedy[language])
            assert "?" not in message
        assert messages[2] == "no.such_code"


def test_remedies_hold_no_placeholders_and_faults_are_of_kind_fault() -> None:
    for code in yaml.safe_load((FOLDER / "tabular.yaml").read_text("utf-8")):
        problem = catalogue()[code]
        assert not any("{" in text for text in [*problem.remedy.values(), *problem.title.values()])
        assert (problem.kind is ProblemKind.FAULT) == (not code.startswith("table."))


def test_rules_looked_at_together_report_what_they_report_one_by_one() -> None:
    rules = [
        Rule(mask=pl.col("mark") > 100, code="cell.out_of_range", column="mark", params={"digits": 3}),
        Rule(mask=pl.col("mark") < 0, code="mark.below_zero", column="mark"),
        Rule(mask=pl.col("code").is_null(), code="cell.missing", column="code", allowed="A"),
    ]
    together, apart = FaultTable(source_ids=IDS), FaultTable(source_ids=IDS)
    together.add_broken(FRAME, rules)
    together.add_broken(FRAME, [])
    for rule in rules:
        apart.add_where(FRAME, rule.mask, code=rule.code, column=rule.column, allowed=rule.allowed, params=rule.params)
    assert together.count == 3
    assert together.frame.equals(apart.frame)
