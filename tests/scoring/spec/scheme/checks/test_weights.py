"""Weights."""

from shared.scoring.scheme.findings import Level
from tests.scoring.scheme_texts import found_by, line_of, spoiled


def test_the_small_scheme_passes() -> None:
    assert found_by("weights") == []


def test_what_is_scored_weighs_something_and_a_veto_nothing() -> None:
    changes = (
        ("        weight: 1\n        rule: four", "        weight: 0\n        rule: four"),
        ("weight: 0\n        rule: {kind: veto", "weight: 5\n        rule: {kind: veto"),
    )
    assert [finding[:3] for finding in found_by("weights", *changes)] == [
        (Level.ERROR, "weight_zero", "B1"),
        (Level.ERROR, "weight_not_zero", "V1"),
    ]


def test_so_does_what_is_only_observed() -> None:
    assert [finding[:3] for finding in found_by("weights", ("code: B1\n", "code: B1\n        observed_only: true\n"))][
        :1
    ] == [(Level.ERROR, "weight_not_zero", "A1")]


def test_a_declared_sum_holds_on_every_day() -> None:
    found = found_by("weights", ("value: 60, document: 甲〔2027〕2号", "value: 65, document: 甲〔2027〕2号"))
    assert found == [(Level.ERROR, "weights_sum", None, 1)]
    inner = found_by(
        "weights", ("    children:\n      - code: B1", "    weights_sum_to: 2\n    children:\n      - code: B1")
    )
    assert inner == [(Level.ERROR, "weights_sum", "A1", line_of("code: A1"))]


def test_a_branch_without_anything() -> None:
    text = spoiled(("    children:\n      - code: B2", "    children: []\n    note: |\n      - code: B2"))
    assert "branch_empty" in [finding[1] for finding in found_by("weights", text=text)]


def test_a_scheme_that_scores_nothing() -> None:
    text = spoiled(
        ("source: inspection\n", "source: inspection\n        observed_only: true\n"),
        ("code: B2\n", "code: B2\n        observed_only: true\n"),
    )
    assert "nothing_scored" in [finding[1] for finding in found_by("weights", text=text)]
