"""Who may see cut-line figures, and what they may never be used for (docs/scoring.md §5)."""

import ast
import re
from pathlib import Path

import pytest

import shared.scoring.cut_lines as package
from shared.scoring.cut_lines.effective import effective_marks
from shared.scoring.cut_lines.exposure import lines_shown_to
from shared.scoring.cut_lines.quadrants import quadrant_table
from shared.scoring.cut_lines.rates import online_rates
from tests.scoring.spec.cut_lines.track import drawn, line, pairs

ROWS = [
    *pairs(*[(9, 9), (1, 1)] * 6, county="k1", school="s1"),
    *pairs(*[(9, 9), (1, 1)] * 6, county="k1", school="s2"),
    *pairs((9, 9), county="k2", school="s3"),
]


def rates():
    return online_rates(*drawn(ROWS, line("12")))


def test_a_school_sees_itself_and_the_city_and_nobody_else():
    shown = lines_shown_to(rates(), "s3")
    assert shown.select("level", "school_code").rows() == [("city", None), ("class", "s3"), ("school", "s3")]
    assert shown["n_online"].to_list() == [13, 1, 1]


def test_the_bureau_sees_small_groups_withheld():
    shown = lines_shown_to(rates(), None)
    small = shown.filter(school_code="s3")
    assert small["online_rate"].null_count() == small.height
    assert small["line"].to_list() == ["undergraduate"] * small.height
    assert small["line_mark"].to_list() == [12] * small.height
    assert shown.filter(level="city")["n_online"].to_list() == [13]


def test_quadrants_keep_what_they_are_about():
    summary, lines = drawn(ROWS, line("12"))
    table = quadrant_table(summary, effective_marks(summary, lines))
    small = lines_shown_to(table, None).filter(school_code="s3", level="school")
    assert small["effective_mark"].null_count() == 0
    assert small["double_online"].null_count() == small.height


@pytest.mark.parametrize("path", sorted(Path(package.__file__).parent.glob("*.py")), ids=lambda path: path.stem)
def test_every_file_states_the_law(path):
    stated = (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").lower()
    assert "observation" in stated or "shown to whom" in stated


def test_the_rules_of_schemes_and_pay_do_not_import_these_figures():
    rules = Path(package.__file__).parents[2].joinpath("policy").rglob("*.py")
    imported = re.compile(r"^\s*(?:from|import) shared\.scoring\.cut_lines", re.MULTILINE)
    assert [path.name for path in rules if imported.search(path.read_text("utf-8"))] == []
    statistics = Path(package.__file__).parents[1].joinpath("statistics").glob("*.py")
    assert [path.name for path in statistics if "cut_lines" in path.read_text("utf-8")] == []
