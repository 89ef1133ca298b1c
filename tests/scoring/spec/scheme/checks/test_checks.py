"""All checks together."""

from pathlib import Path

from shared.policy.schemes import scheme_objections
from shared.scoring.scheme import checks
from shared.scoring.scheme.checks import CHECKS, check_scheme
from shared.scoring.scheme.findings import Level
from tests.scoring.scheme_texts import document, examples, spoiled

FOLDER = Path(checks.__file__).parent


def test_every_file_of_checks_is_listed() -> None:
    files = {file.stem for file in FOLDER.glob("*.py")} - {"__init__", "base"}
    assert files == {check.name for check in CHECKS}, (
        "add the new check to CHECKS in shared/scoring/scheme/checks/__init__.py"
    )


def test_every_check_has_a_test() -> None:
    tests = {file.stem.removeprefix("test_") for file in Path(__file__).parent.glob("test_*.py")}
    assert {check.name for check in CHECKS} <= tests


def test_every_check_says_what_it_asks() -> None:
    assert all(check.summary.zh and check.summary.en for check in CHECKS)


def test_the_small_scheme_is_sound_but_for_what_nobody_verified() -> None:
    found = check_scheme(document(), law=scheme_objections, examples=examples(), knows_source=lambda source: True)
    assert [(finding.level, finding.code) for finding in found] == [(Level.WARNING, "scheme.not_verified")]


def test_faults_of_several_checks_come_at_once_in_the_order_of_the_file() -> None:
    text = spoiled(("at_least: 60", "at_least: 95"), ("zh: 德育工作", "zh: 升学率"), ("[platform]", "[school]"))
    found = check_scheme(document(text), law=scheme_objections, examples=examples())
    graver = [finding for finding in found if finding.level is Level.ERROR]
    assert [finding.code for finding in graver] == [
        "scheme.grades_not_descending",
        "scheme_law.entrance_rate",
        "scheme.computed_by_people",
    ]
    assert [finding.line for finding in graver] == sorted(finding.line or 0 for finding in graver)


def test_examples_are_computed_only_when_the_rest_is_sound() -> None:
    text = spoiled(("A: 1, B: 0.8", "A: 1, B: 0.7"), ("at_least: 60", "at_least: 95"))
    found = check_scheme(document(text), law=scheme_objections, examples=examples())
    assert "scheme.example_differs" not in {finding.code for finding in found}


def test_every_sentence_has_all_its_words() -> None:
    text = spoiled(
        ("zh: 德育工作", "zh: Moral"),
        ("caps_at: C", "caps_at: Z"),
        ("value: 60, document", "value: 61, document"),
        ("[school, county]", "[county, school]"),
        ("[computed]", "[documents]"),
        ("value: {kind: linear, min: 10, max: 40}, document: 甲〔2027〕2号", "value: {kind: yes_no}"),
        ("[stage]", "[Stage]"),
    )
    found = check_scheme(document(text), law=scheme_objections, knows_source=lambda source: False)
    assert len({finding.code for finding in found}) == 10
    for finding in found:
        assert "?" not in finding.sentence.zh + finding.sentence.en, finding
