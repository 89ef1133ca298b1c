"""The list of item statistics is complete, and so is what it promises."""

from pathlib import Path

import shared.scoring.items as folder
from shared.scoring.items import ITEM_STATISTICS
from shared.scoring.items.analysis import ItemAnalysis
from shared.scoring.items.base import Reason
from shared.scoring.items.schemas import ITEM_FRAME_METHODS, ITEM_MEASURE_METHODS, ITEM_SCHEMAS, ITEM_SORT_KEYS
from shared.scoring.methods import METHODS
from tests.scoring.item_builders import item_view, paper

FILES = {path.stem: path for path in Path(folder.__file__).parent.glob("*.py")}


def test_every_statistic_is_in_the_list():
    named = {name for name, path in FILES.items() if "\nSTATISTIC = " in path.read_text("utf-8")}
    assert named == {statistic.name for statistic in ITEM_STATISTICS}


def test_every_file_has_its_specification():
    tests = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}
    # Summaries and the sums under them are specified by their properties; base and schemas by all others.
    assert set(FILES) - {"__init__", "base", "schemas", "summary", "group_sums", "products"} <= tests


def test_every_statistic_gives_exactly_the_measures_it_names():
    views = [item_view([(1, 0), (0, 1), (1, 1), (1, 1)], paper(1, 1)), item_view([(1,)], paper(1, min_candidates=30))]
    for view in views:
        for statistic in ITEM_STATISTICS:
            figures = statistic.finish(view)
            assert set(figures) == {measure.code for measure in statistic.measures}, statistic.name
            for measure in statistic.measures:
                found = figures[measure.code]
                lengths = {len(part) for part in (found.value, found.se, found.ci_low, found.ci_high, found.reason)}
                assert lengths == {1 if measure.of_paper else view.item_count}, measure.code


def test_no_measure_is_claimed_twice():
    codes = [measure.code for statistic in ITEM_STATISTICS for measure in statistic.measures]
    assert len(codes) == len(set(codes))


def test_every_figure_names_its_method_and_every_frame_its_schema():
    assert set(ITEM_MEASURE_METHODS) == {statistic.name for statistic in ITEM_STATISTICS}
    for statistic in ITEM_STATISTICS:
        assert ITEM_MEASURE_METHODS[statistic.name].section == statistic.section
    assert {*ITEM_MEASURE_METHODS.values(), *ITEM_FRAME_METHODS.values()} <= set(METHODS)
    assert set(ITEM_SCHEMAS) == set(ITEM_SORT_KEYS) == set(ItemAnalysis.__dataclass_fields__)
    assert set(ITEM_FRAME_METHODS) < set(ITEM_SCHEMAS)


def test_reasons_are_words():
    assert [reason.value for reason in Reason] == ["few_candidates", "few_items", "no_variance"]
