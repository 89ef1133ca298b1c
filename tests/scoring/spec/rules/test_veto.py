"""``veto`` (SCORING §10.1, §10.3)."""

from shared.scoring.rules.base import ValueKind
from tests.scoring.rule_builders import fault_paths, rule, shares


def test_strikes_on_yes() -> None:
    veto = rule("veto", caps_at="C")
    assert (veto.value_kind, veto.caps_at) == (ValueKind.YES_NO, "C")
    assert shares(veto, [True, False, None]) == [0, 1, None]


def test_or_on_no() -> None:
    assert shares(rule("veto", when="no", caps_at="D"), [True, False, None]) == [1, 0, None]


def test_or_from_a_figure_on() -> None:
    veto = rule("veto", when={"at_least": 2}, caps_at="B")
    assert veto.value_kind is ValueKind.NUMBER
    assert shares(veto, [1.99, 2, 3, None]) == [1, 0, 0, None]


def test_or_up_to_a_figure() -> None:
    assert shares(rule("veto", when={"at_most": 0.9}, caps_at="B"), [0.9, 0.91]) == [0, 1]


def test_or_strictly_beyond_one() -> None:
    assert shares(rule("veto", when={"below": 0.9}, caps_at="B"), [0.89, 0.9, None]) == [0, 1, None]
    assert shares(rule("veto", when={"above": 0.9}, caps_at="B"), [0.9, 0.91]) == [1, 0]


def test_faults() -> None:
    assert fault_paths("veto") == [("parameter_missing", ("caps_at",))]
    assert fault_paths("veto", caps_at="C", when="often") == [("word_unknown", ("when",))]
    assert fault_paths("veto", caps_at="C", when=3) == [("wrong_shape", ("when",))] * 2
    assert fault_paths("veto", caps_at="C", when={"under": 1}) == [
        ("wrong_shape", ("when",)),
        ("parameter_unknown", ("when", "under")),
    ]
    assert fault_paths("veto", caps_at="C", when={"at_least": 1, "at_most": 2}) == [("wrong_shape", ("when",))]


def test_its_sentence_says_whether_it_struck() -> None:
    veto = rule("veto", caps_at="C")
    assert veto.sentence(True, 0.0).zh == "是；“是”即一票否决，等级不高于 C：触发。"
    assert veto.sentence(False, 1.0).en == "no; on “yes”, the grade is at most C: it does not strike."
    assert veto.sentence(None, None).en == "There is no value."
    assert rule("veto", when={"at_most": 0.9}, caps_at="B").description.zh == "不超过 0.9 即一票否决，等级不高于 B"
