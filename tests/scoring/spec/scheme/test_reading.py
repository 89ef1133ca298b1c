"""From text to document (docs/schemes.md)."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.scoring.rules.base import ValueKind
from shared.scoring.scheme.document import SchemeDocument
from shared.scoring.scheme.findings import require_sound
from shared.scoring.scheme.reading import read_scheme
from shared.scoring.scheme.tree import Evaluator, Missing, Source, SourceKind
from shared.scoring.scheme.yaml_text import read_yaml
from shared.terms.errors import DomainError
from tests.scoring.scheme_texts import SMALL, document, line_of, reading_faults, spoiled

FIRST, LATER = dt.date(2026, 9, 1), dt.date(2027, 9, 1)


def test_a_scheme_stands_as_written_on_its_first_day() -> None:
    scheme = document().as_of(FIRST)
    assert [(node.code, node.weight) for _, node in scheme.nodes()] == [
        ("A1", Decimal(60)),
        ("B1", Decimal(1)),
        ("V1", Decimal(0)),
        ("A2", Decimal(40)),
        ("B2", Decimal(1)),
    ]
    levels, veto, books = scheme.leaves()
    assert levels.rule.choices == ("A", "B", "C", "D")
    assert levels.source == Source(SourceKind.INSPECTION, "B1")
    assert (levels.evaluators, levels.missing) == ((Evaluator.SCHOOL, Evaluator.COUNTY), Missing.REWEIGHT)
    assert (veto.rule.caps_at, veto.rule.value_kind) == ("C", ValueKind.YES_NO)
    assert books.source == Source(SourceKind.STATISTICS, "books_per_student")
    assert [(band.grade, band.at_least) for band in scheme.grades] == [("A", 90), ("C", 60), ("D", 0)]


def test_each_value_holds_from_its_day_until_the_next() -> None:
    scheme = document()
    assert scheme.days == (FIRST, LATER)
    for day, weight, most in ((FIRST, 60, 30), (LATER - dt.timedelta(days=1), 60, 30), (LATER, 40, 40)):
        found = scheme.as_of(day)
        assert found.children[0].weight == weight
        assert "30" in found.children[1].children[0].rule.description.zh or most == 40


def test_outside_its_life_there_is_no_scheme() -> None:
    limited = document(spoiled(("in_force_from: 2026-09-01", "in_force_from: 2026-09-01\nin_force_until: 2028-08-31")))
    assert limited.as_of(dt.date(2028, 8, 31)).code == "small"
    for day in (dt.date(2026, 8, 31), dt.date(2028, 9, 1)):
        with pytest.raises(DomainError, match=r"scheme\.not_in_force"):
            limited.as_of(day)


def test_a_node_may_have_a_life_of_its_own() -> None:
    text = spoiled(
        (
            "      - code: B1\n",
            "      - code: B1\n        in_force_from: 2027-01-01\n        in_force_until: 2027-06-30\n",
        )
    )
    scheme = document(text)
    held = [[leaf.code for leaf in scheme.as_of(day).leaves()] for day in scheme.days]
    assert scheme.days == (FIRST, dt.date(2027, 1, 1), dt.date(2027, 7, 1), LATER)
    assert held == [["V1", "B2"], ["B1", "V1", "B2"], ["V1", "B2"], ["V1", "B2"]]


def test_a_value_that_begins_later_is_missed_when_it_is_asked_for() -> None:
    scheme = document(spoiled(("{from: 2026-09-01, value: 60", "{from: 2026-10-01, value: 60")))
    with pytest.raises(DomainError, match=r"scheme\.no_value"):
        scheme.as_of(FIRST)


def test_numbers_are_exact_and_yes_and_no_are_words() -> None:
    read = read_yaml("a: 0.10\nb: yes\nc: 'no'\nd: 2026-09-01\ne: '2'\nf: true\ng:\nh: 1e5\ni: 2026-13-01")
    assert read.content == {
        "a": Decimal("0.10"),
        "b": "yes",
        "c": "no",
        "d": dt.date(2026, 9, 1),
        "e": "2",
        "f": True,
        "g": None,
        "h": "1e5",
        "i": "2026-13-01",
    }
    assert read.lines["d",] == 4


def test_every_fault_is_found_at_once_with_its_line() -> None:
    text = spoiled(
        ("name: {zh: 小方案, en: Small scheme}", "name: {zh: 小方案}"),
        ("at_least: 60", "at_least: sixty"),
        ("source: inspection", "source: hearsay"),
        ("evaluators: [school, county]", "evaluators: [school, mayor]"),
        ("max: 30}", "max: 5}"),
        (
            "        weight: 1\n        rule: four_levels",
            "        weight: -1\n        rule: five_levels\n        colour: red",
        ),
        ("evaluation_kind: process", "asks: 0.5"),
    )
    assert reading_faults(text) == [
        ("key_missing", line_of("zh: 小方案", text)),
        ("wrong_kind", line_of("sixty", text)),
        ("key_missing", line_of("code: B1", text)),
        ("wrong_kind", line_of("weight: -1", text)),
        ("rule_not_named", line_of("five_levels", text)),
        ("key_unknown", line_of("colour", text)),
        ("word_unknown", line_of("hearsay", text)),
        ("word_unknown", line_of("mayor", text)),
        ("wrong_kind", line_of("asks", text)),
        ("rule_order", line_of("max: 5}", text)),
    ]


def test_what_makes_yaml_dangerous_is_refused_with_its_line() -> None:
    assert reading_faults(spoiled(("of: school", "of: &who school"))) == [("yaml_alias", 3)]
    assert reading_faults(spoiled(("of: school", "of: *who"))) == [("yaml_alias", 3)]
    assert reading_faults(spoiled(("of: school", "of: !!python/object/apply:os.system [ls]"))) == [("yaml_tag", 3)]
    assert reading_faults(spoiled(("of: school", "of: school\n\tx: 1"))) == [("yaml_tab", 4)]
    assert reading_faults(spoiled(("of: school", "of: school\nof: county"))) == [("yaml_key_twice", 4)]
    assert reading_faults("a: " + "[" * 5000) == [("yaml_too_deep", 1)]
    assert reading_faults("a: 1\n" * 200_000) == [("too_large", None)]
    assert reading_faults("a: 1\n---\nb: 2") == [("yaml_malformed", 2)]
    assert reading_faults("a: 1\nb: [1, 2") == [("yaml_malformed", 2)]
    assert reading_faults("a: 1\nb: \x01") == [("yaml_malformed", 2)]
    assert reading_faults("? [a, b]\n: 1")[0] == ("yaml_malformed", 1)


@pytest.mark.parametrize("text", ["", "# nothing", "- 1", "just words", "~"])
def test_a_text_that_is_no_mapping(text: str) -> None:
    assert reading_faults(text) == [("yaml_not_a_mapping", 1)]


def test_what_ought_to_be_mappings_and_lists() -> None:
    faults = dict(reading_faults(spoiled(("children:\n  - code: A1", "children: none\nothers:\n  - code: A1"))))
    assert faults == {"wrong_kind": line_of("children:"), "key_unknown": line_of("children:") + 1}
    assert reading_faults(spoiled(("of: school", "of: school\napplies_to: [primary]"))) == [("wrong_kind", 4)]
    assert reading_faults(spoiled(("of: school", "of: school\nrules: 3"), ("rules:\n", "old_rules:\n")))[0] == (
        "wrong_kind",
        4,
    )
    assert "key_missing" in dict(reading_faults("scheme: x\nchildren:\n  - 3\n"))


def test_grades_and_limits_that_are_written_another_way() -> None:
    grades = SMALL[SMALL.index("grades:") : SMALL.index("rules:")]
    assert reading_faults(spoiled((grades, "grades: A to D\n"))) == [("wrong_kind", 7)]
    assert reading_faults(spoiled((", at_least: 60", ""))) == [("key_missing", line_of("grade: C"))]
    text = spoiled(("of: school", "of: school\napplies_to: {school_type: [211]}"))
    found = read_scheme(text)
    assert not isinstance(found, SchemeDocument)
    assert "应写成 '211'" in found[0].sentence.zh


def test_a_scheme_has_at_most_a_thousand_nodes() -> None:
    leaf = SMALL[SMALL.index("      - code: B1") : SMALL.index("      - code: V1")]
    many = "".join(leaf.replace("B1", f"B1.{number}") for number in range(1000))
    assert ("too_many_nodes", 1) in reading_faults(spoiled((leaf, many)))


def test_a_scheme_with_faults_is_refused_with_every_one() -> None:
    found = read_scheme(spoiled(("of: school", "of: shcool"), ("weight: 1", "weight: one")))
    assert not isinstance(found, SchemeDocument)
    with pytest.raises(DomainError, match=r"scheme\.faulty") as refusal:
        require_sound(found)
    assert [(fault.code, fault.row) for fault in refusal.value.faults] == [
        ("scheme.word_unknown", 3),
        ("scheme.wrong_kind", line_of("weight: 1")),
    ]
    assert "shcool" in found[0].sentence.zh
    assert "shcool" in found[0].sentence.en


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_happens_to_a_line_it_is_read_or_has_faults(data: st.DataObject) -> None:
    lines = SMALL.splitlines()
    place = data.draw(st.integers(0, len(lines) - 1))
    fate = data.draw(st.sampled_from(["", "- x", "  a: b: c", "{", "x: [1, {y: 2}]", "weight:", "💥: 1"]))
    lines[place] = data.draw(st.sampled_from([fate, lines[place] + fate, lines[place][2:], "  " + lines[place]]))
    found = read_scheme("\n".join(lines))
    assert isinstance(found, SchemeDocument) or found
