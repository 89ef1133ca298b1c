"""``yes_no`` (SCORING §10.1)."""

from tests.scoring.rule_builders import fault_paths, rule, shares


def test_full_marks_for_yes() -> None:
    assert shares(rule("yes_no"), [True, False, None]) == [1, 0, None]


def test_or_for_no_where_that_is_what_one_hopes_for() -> None:
    assert shares(rule("yes_no", expected="no"), [True, False, None]) == [0, 1, None]
    assert rule("yes_no", expected=False) == rule("yes_no", expected="no")


def test_faults() -> None:
    assert fault_paths("yes_no", expected="maybe") == [("word_unknown", ("expected",))]
    assert fault_paths("yes_no", share=1) == [("parameter_unknown", ("share",))]


def test_its_sentence() -> None:
    assert rule("yes_no").sentence(True, 1.0).zh == "是；“是”为满分，否则零分：得满分的 100%。"
    assert rule("yes_no").sentence(False, 0.0).en == "no; full marks for “yes”, nothing otherwise: 0% of full marks."
