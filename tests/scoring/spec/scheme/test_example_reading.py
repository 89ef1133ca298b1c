"""Worked examples: reading them, and what they say when something comes out otherwise (docs/schemes.md)."""

from shared.scoring.scheme.example_reading import read_examples
from shared.scoring.scheme.examples import SchemeExamples, example_differences
from tests.scoring.scheme_texts import SMALL_EXAMPLES, document, examples, line_of, spoiled


def faults(text: str) -> list[tuple[str, int | None]]:
    found = read_examples(text)
    assert not isinstance(found, SchemeExamples)
    return [(finding.code.removeprefix("scheme."), finding.line) for finding in found]


def differences(text: str, scheme: str | None = None) -> list[tuple[str, str, str | None, str, str]]:
    changed = document() if scheme is None else document(scheme)
    found = example_differences(changed, examples(text))
    return [(one.example, one.what, one.node, one.expected, one.found) for one in found]


def test_an_example_may_be_like_an_earlier_one() -> None:
    _, struck, later = examples().examples
    assert dict(struck.units[0].values) == {"B1": "A", "V1": "yes", "B2": 30}
    assert later.units[0].values["B2"] is None
    assert struck.units[0].attributes == {"stage": "primary"}


def test_several_units_are_judged_together() -> None:
    text = spoiled(("rule: four_levels", "rule: {kind: rank_in_group, least_group: 2}"))
    both = """\
scheme: small
examples:
  - code: two
    name: {zh: 两所, en: Two}
    on: 2026-09-01
    units:
      - {code: a, attributes: {stage: primary}, values: {B1: 1, B2: 30}, expect: {shares: {B1: 0.25}, points: {A1: 15}}}
      - {code: b, attributes: {stage: primary}, values: {B1: 2, B2: 30}, expect: {shares: {B1: 0.75}, total: 85}}
"""
    assert differences(both, text) == []


def test_every_difference_is_told() -> None:
    text = spoiled(
        ("total: 78.00", "total: 78.01"),
        ("grade: C\n", "grade: A\n"),
        ("shares: {B1: 0.8", "shares: {B1: 0.85"),
        ("A2: 30}", "A2: 31, B9: 1}"),
        ("{B2: reweighted", "{B2: scored"),
        text=SMALL_EXAMPLES,
    )
    assert differences(text) == [
        ("middling", "total", None, "78.01", "78"),
        ("middling", "grade", None, "A", "C"),
        ("middling", "share", "B1", "0.85", "0.8"),
        ("middling", "points", "A2", "31", "30"),
        ("middling", "points", "B9", "1", "-"),
        ("later", "status", "B2", "scored", "reweighted"),
    ]


def test_shares_are_compared_to_the_places_written() -> None:
    third = spoiled(("min: 10, max: 30", "min: 10, max: 55"))
    for written, equal in (("0.33", True), ("0.333333", True), ("0.3334", False), ("0.333333333333", True)):
        text = (
            SMALL_EXAMPLES.replace("B2: 0.75", f"B2: {written}")
            .replace("total: 78.00", "total: 61.33")
            .replace("A2: 30", "A2: 13.33")
        )
        middling = [found for found in differences(text, third) if found[0] == "middling"]
        assert (middling == []) is equal


def test_values_that_the_scheme_cannot_read_are_told_rather_than_computed() -> None:
    for old, new, words in (
        ("B1: B,", "B9: B,", "B9"),
        ("B1: B,", "B1: 3,", "choice"),
        ("V1: no,", "V1: maybe,", "yes_no"),
        ("{stage: primary}", "{size: small}", "stage"),
        ("on: 2026-09-01", "on: 2025-09-01", "2025-09-01"),
    ):
        found = differences(spoiled((old, new), text=SMALL_EXAMPLES))
        assert found[0][:2] == ("middling", "values")
        assert words in found[0][4]


def test_faults_with_their_lines() -> None:
    text = spoiled(
        ("total: 78.00", "total: many"),
        ("like: middling", "like: muddling"),
        ("code: later", "code: struck"),
        ("shares: {B1: 0.8,", "shares: {B1: x,"),
        ("grade: C\n", "grades: C\n"),
        ("values: {B2:}", "values: none"),
        text=SMALL_EXAMPLES,
    )
    assert sorted(faults(text), key=lambda fault: fault[1] or 0) == [
        ("wrong_kind", line_of("many", text)),
        ("key_unknown", line_of("grades: C", text)),
        ("wrong_kind", line_of("B1: x", text)),
        ("example_like_unknown", line_of("muddling", text)),
        ("example_twice", line_of("规则更改", text) - 1),
        ("wrong_kind", line_of("values: none", text)),
    ]
    assert faults(spoiled(("    expect: {total: 100, uncapped_grade: A, grade: C}\n", ""), text=SMALL_EXAMPLES)) == [
        ("key_missing", line_of("code: struck", SMALL_EXAMPLES))
    ]
    assert faults("- 1") == [("yaml_not_a_mapping", 1)]
