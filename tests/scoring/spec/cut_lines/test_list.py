"""The list of cut-line figures is complete, and each has its specification and says what it may not be used for."""

from pathlib import Path

import shared.scoring.cut_lines as folder
from shared.scoring.cut_lines import CUT_LINE_FIGURES

NOT_FIGURES = {"__init__", "lines", "summary", "exposure", "composite"}
NAMES = {figure.__module__.rpartition(".")[2] for figure in CUT_LINE_FIGURES}


def test_every_file_is_in_the_list():
    files = {path.stem for path in Path(folder.__file__).parent.glob("*.py")} - NOT_FIGURES
    assert files == NAMES, "list every figure in CUT_LINE_FIGURES in shared/scoring/cut_lines/__init__.py"


def test_every_figure_has_its_specification():
    tests = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}
    assert tests >= NAMES
