"""Every kind of rule is listed, tested and reads what it was written as."""

from decimal import Decimal
from pathlib import Path

import pytest

from shared.scoring.rules import RULES, RULES_BY_KIND, parse_rule, rule_faults
from shared.scoring.rules.base import figure, percent
from shared.scoring.rules.linear import Linear
from shared.terms.problem_catalogue import catalogue

FOLDER = Path(rule_faults.__code__.co_filename).parent
NO_KINDS = {"__init__", "base", "parameters"}


def test_every_file_of_rules_is_listed() -> None:
    kinds = {file.stem for file in FOLDER.glob("*.py")} - NO_KINDS
    assert kinds == set(RULES_BY_KIND), "add the new kind to RULES in shared/scoring/rules/__init__.py"
    assert len(RULES) == len(RULES_BY_KIND)


def test_every_kind_has_a_specification() -> None:
    tests = {file.stem.removeprefix("test_") for file in Path(__file__).parent.glob("test_*.py")}
    assert set(RULES_BY_KIND) <= tests


@pytest.mark.parametrize("written", [None, [], {}, {"kind": "guess"}, {"kind": ["linear"]}, "linear"])
def test_what_is_no_rule_is_refused(written: object) -> None:
    (fault,) = rule_faults(written)
    assert fault.code in ("scheme.rule_wrong_shape", "scheme.rule_kind_unknown")
    with pytest.raises(ValueError, match="faults"):
        parse_rule(written)  # type: ignore[arg-type]


def test_every_fault_has_words_that_its_parameters_fill() -> None:
    written = [
        {"kind": "linear", "min": "x", "max": 1, "top": 1, "better": "up"},
        {"kind": "linear", "min": 2, "max": 1},
        {"kind": "levels", "levels": {"A": 2, "B": 1}},
        {"kind": "levels", "levels": {"A": 0, "B": 1}},
        {"kind": "bands"},
        {"kind": "none"},
        {"kind": "veto"},
    ]
    found = [fault for each in written for fault in rule_faults(each)]
    assert len({fault.code for fault in found}) == 9
    for fault in found:
        problem = catalogue()[fault.code]
        for words in (problem.detail["zh"], problem.detail["en"], problem.remedy["zh"]):
            assert "?" not in words.format_map({**fault.params})


def test_figures_are_written_plainly() -> None:
    assert [figure(number) for number in (Decimal("1E+3"), 0.5, 90.0, Decimal("0.850"), -0.0, 1200)] == [
        "1000",
        "0.5",
        "90",
        "0.85",
        "0",
        "1200",
    ]
    assert [percent(share) for share in (1.0, 0.625, Decimal("0.333333333333"), 0.0005)] == [
        "100%",
        "62.5%",
        "33.3%",
        "0.1%",
    ]


def test_a_rule_with_faults_is_never_made() -> None:
    with pytest.raises(ValueError, match="faults"):
        Linear.parse({"kind": "linear", "min": 2, "max": 1})
    assert Linear.parse({"kind": "linear", "min": 1, "max": 2}).choices == ()
