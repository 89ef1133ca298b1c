"""The list of statistics is complete, and so is what it promises."""

from pathlib import Path

import shared.scoring.statistics as folder
from shared.scoring.plan import AnalysisPlan
from shared.scoring.statistics import STATISTICS
from shared.scoring.summaries.mark_view import MarkView
from tests.scoring.builders import TEN, math_histogram

PLAN = AnalysisPlan(outcomes=(TEN,))
NOT_STATISTICS = {"__init__", "base"}


def test_every_file_is_in_the_list():
    files = {path.stem for path in Path(folder.__file__).parent.glob("*.py")} - NOT_STATISTICS
    missing = files - {statistic.name for statistic in STATISTICS}
    assert not missing, f"add {missing} to STATISTICS in shared/scoring/statistics/__init__.py"


def test_every_statistic_has_its_specification():
    tests = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}
    assert {statistic.name for statistic in STATISTICS} <= tests


def test_every_statistic_gives_exactly_the_columns_it_names():
    view = MarkView(math_histogram(5, 7, "absent"))
    for statistic in STATISTICS:
        assert list(statistic.finish(view, PLAN)) == list(statistic.columns(PLAN)), statistic.name


def test_no_column_is_claimed_twice():
    columns = [column for statistic in STATISTICS for column in statistic.columns(PLAN)]
    assert len(columns) == len(set(columns))
