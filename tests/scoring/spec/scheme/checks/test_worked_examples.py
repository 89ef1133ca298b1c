"""Worked examples."""

from shared.scoring.scheme.findings import Level
from tests.scoring.scheme_texts import SMALL_EXAMPLES, examples, found_by, line_of


def test_examples_come_out_as_they_say() -> None:
    assert found_by("worked_examples", examples=examples()) == []


def test_a_scheme_ought_to_have_some() -> None:
    assert found_by("worked_examples") == [(Level.WARNING, "without_examples", None, 1)]


def test_they_cover_every_leaf() -> None:
    few = examples(SMALL_EXAMPLES.replace("V1: no, ", "").replace(", V1: yes", ""))
    uncovered = (Level.ERROR, "leaf_without_example", "V1", line_of("code: V1"))
    assert uncovered in found_by("worked_examples", examples=few)


def test_a_changed_rule_shows_in_the_examples() -> None:
    found = found_by("worked_examples", ("A: 1, B: 0.8", "A: 1, B: 0.7"), examples=examples())
    assert [finding[1:3] for finding in found] == [
        ("example_differs", None),
        ("example_differs", "B1"),
        ("example_differs", "A1"),
        ("example_differs", None),
    ]


def test_examples_of_another_scheme() -> None:
    other = examples(SMALL_EXAMPLES.replace("scheme: small", "scheme: large"))
    assert found_by("worked_examples", examples=other) == [(Level.ERROR, "examples_of_another", None, 1)]
