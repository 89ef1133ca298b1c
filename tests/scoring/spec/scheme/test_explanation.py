"""Every score explains itself (docs/scoring.md §10.5)."""

import pytest

from shared.scoring.rules.base import Sentence
from shared.scoring.scheme.evaluation import evaluate
from shared.scoring.scheme.explanation import explain, explained_scores
from shared.scoring.scheme.tree import Missing
from tests.scoring.scheme_builders import Letters, Strikes, branch, leaf, scheme, schools, values_of

PLAN = scheme(
    branch("A1", 40, branch("B1", 1, leaf("n"), leaf("c", rule=Letters()))),
    branch("A2", 60, branch("B2", 1, leaf("m"), leaf("z", missing=Missing.ZERO)), branch("B3", 1, leaf("gone"))),
    branch("A3", 1, leaf("v", 0, rule=Strikes())),
)
VALUES = values_of(n=[90.0, 70.0], c=["B", "A"], m=[50.0, 50.0], z=[None, 10.0], gone=[None, 50.0], v=[True, False])


@pytest.fixture(scope="module")
def result():
    return evaluate(PLAN, schools(2), VALUES)


@pytest.fixture(scope="module")
def first(result):
    return explain(PLAN, result, "s00")


def nodes(explanation):
    return {node.code: node for node in explanation.root.walk()}


def test_the_tree_has_values_rules_and_weights(first):
    found = nodes(first)
    assert found["n"].sentence == Sentence("90.0 得 0.9", "90.0 gives 0.9")
    assert (found["c"].value, found["c"].share, found["c"].printed_points) == ("B", 0.5, 10)
    assert found["v"].value is True
    assert found["m"].effective_weight == pytest.approx(0.3)


def test_printed_points_add_up_at_every_node(first):
    for node in first.root.walk():
        counted = [child for child in node.children if child.printed_points is not None]
        if counted:
            assert sum(round(100 * child.printed_points) for child in counted) == round(100 * node.printed_points)
    assert first.root.printed_points == 40 * (0.9 + 0.5) / 2 + 60 * (0.5 + 0) / 2


def test_a_missing_value_says_what_became_of_it(first):
    found = nodes(first)
    assert found["z"].sentence.zh == "无数据，按方案计零分。"
    assert found["gone"].sentence.en == "No value: not counted; its siblings take its full marks."
    assert (found["gone"].printed_points, found["gone"].effective_weight) == (None, None)


def test_changed_full_marks_say_why(first):
    found = nodes(first)
    assert (found["m"].nominal_points, found["m"].points_possible) == (15, 30)
    assert "15.00" in found["m"].weight_sentence.zh
    assert "now 30.00" in found["m"].weight_sentence.en
    assert found["m"].weight_from == ("B3",)
    assert (found["n"].weight_sentence, found["n"].weight_from) == (None, ())


def test_the_grade_and_its_veto_in_words(first, result):
    assert (first.grade, first.uncapped_grade, first.vetoed_by) == ("D", "D", ("v",))
    assert first.grade_sentence.zh == "总分 43.00 分，低于其他等级的下限，为 D；v 一票否决，等级为 D。"
    assert explain(PLAN, result, "s01").grade_sentence.en == "Total 58.00: below all other grades, D."


def test_a_grade_names_what_it_takes():
    plan = scheme(branch("A1", 1, leaf("n")))
    explained = explain(plan, evaluate(plan, schools(1), values_of(n=[85.0])), "s00")
    assert explained.grade_sentence == Sentence("总分 85.00 分，达到 B 的下限 80 分。", "Total 85.00: B takes 80.")


def test_most_lost_points_are_mended_first(first):
    # z lost 30.00, m 15.00, c 10.00, n 2.00
    assert first.to_mend == ("z", "m", "c", "n")


def test_strengths_are_above_the_mean_of_the_group(first, result):
    assert first.strengths == ("n",)
    assert explain(PLAN, result, "s01").strengths == ("c", "z")


def test_no_total_is_explained():
    plan = scheme(branch("A1", 1, leaf("n", missing=Missing.BLOCK), leaf("m")))
    blocked = explain(plan, evaluate(plan, schools(1), values_of(m=[85.0])), "s00")
    assert blocked.grade_sentence.en == "No total and no grade without n."
    assert (blocked.root.status, blocked.root.printed_points, blocked.to_mend) == ("blocked", None, ())
    plan = scheme(branch("A1", 1, leaf("m")))
    nothing = explain(plan, evaluate(plan, schools(1), values_of(m=[None])), "s00")
    assert nothing.grade_sentence.en == "There are no values, hence no total and no grade."
    assert nothing.root.share is None


def test_all_units_at_once_say_the_same_as_one(result):
    rows = {(row["unit_code"], row["node"]): row for row in explained_scores(PLAN, result).iter_rows(named=True)}
    for unit in ("s00", "s01"):
        explanation = explain(PLAN, result, unit)
        for node in explanation.root.walk():
            if node is not explanation.root:
                sentence = node.sentence and node.sentence.zh
                assert rows[unit, node.code]["sentence_zh"] == sentence
    assert rows["s00", "z"]["lost_points"] == 30


def test_an_unknown_unit(result):
    with pytest.raises(KeyError):
        explain(PLAN, result, "s77")
