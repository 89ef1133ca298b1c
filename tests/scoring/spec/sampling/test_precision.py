"""Expected precision (docs/scoring.md §8b.5)."""

from math import sqrt

import polars as pl
import pytest

from shared.scoring.sampling.design import PupilSelection, SampleDesign
from shared.scoring.sampling.draws import draw_schools
from shared.scoring.sampling.precision import design_effect, design_summary
from tests.scoring.sampling_builders import schools

FRAME = pl.concat([schools(*[100] * 6, stratum="a"), schools(*[50] * 4, stratum="b")])


def test_kish_design_effect():
    assert design_effect(0.2, 30) == pytest.approx(1 + 29 * 0.2)
    assert design_effect(0.0, 30) == 1
    assert design_effect(0.2, 30, pupils_cv=0.5, weights_cv=0.3) == pytest.approx(1.09 * (1 + (30 * 1.25 - 1) * 0.2))


def test_summary_per_stratum_and_over_all():
    draw = draw_schools(FRAME, SampleDesign(5, take=20), seed=1)
    found = design_summary(draw, icc=0.1, sd=8)
    drawn = dict(draw.strata.select("stratum", "drawn").iter_rows())
    assert drawn == {"a": 3, "b": 2}
    effect = 1 + 19 * 0.1
    se = [8 * sqrt(effect / 60), 8 * sqrt(effect / 40)]
    whole = sqrt((600 / 800 * se[0]) ** 2 + (200 / 800 * se[1]) ** 2)
    assert found["stratum"].to_list() == ["a", "b", None]
    assert found["pupils"].to_list() == [60, 40, 100]
    assert found["design_effect"].to_list() == pytest.approx([effect, effect, whole**2 * 100 / 64])
    assert found["se"].to_list() == pytest.approx([*se, whole])
    assert found["effective_pupils"].to_list() == pytest.approx([60 / effect, 40 / effect, 64 / whole**2])
    assert found["margin"].to_list() == pytest.approx([1.959963984540054 * value for value in [*se, whole]])


def test_unequal_takes_and_classes():
    frame = schools(10, 30)
    single = design_summary(draw_schools(frame, SampleDesign(2, take=20), seed=1), icc=0.5)
    # 10 and 20 pupils: Σb²/Σb = 500/30
    assert single["design_effect"][0] == pytest.approx(1 + (500 / 30 - 1) * 0.5)
    design = SampleDesign(2, take=1, pupil_selection=PupilSelection.CLASSES)
    classes = design_summary(draw_schools(frame, design, seed=1), icc=0.5, class_size=20)
    assert classes["pupils"].to_list() == [30, 30]
