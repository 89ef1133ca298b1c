"""What rules may look at, held against the tables there are."""

import dataclasses

from services.monitoring.results.catalog import TABLES
from services.monitoring.warnings.service.figures import _NOW
from shared.policy.warnings import rule_objections, warning_rules
from shared.scoring.methods import CUT_LINES, EFFECTIVE_MARKS

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
