"""Rules against sources."""

from shared.scoring.scheme.findings import Level
from tests.scoring.scheme_texts import found_by, line_of


def test_the_small_scheme_passes() -> None:
    assert found_by("rule_fit") == []


def test_levels_cannot_read_figures() -> None:
    changes = (("source: inspection", "source: {kind: survey, key: parents.satisfaction}"),)
    assert [finding[1:3] for finding in found_by("rule_fit", *changes)] == [("rule_does_not_fit", "B1")]


def test_the_kind_of_values_stays() -> None:
    changes = (("value: {kind: linear, min: 10, max: 40}", "value: {kind: yes_no}"),)
    found = found_by("rule_fit", *changes)
    assert found == [(Level.ERROR, "value_kind_changes", "B2", line_of("code: B2") + 3)]
