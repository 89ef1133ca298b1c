"""Draws of pupils and classes (docs/scoring.md §8b.4)."""

import polars as pl

from shared.scoring.sampling.design import PupilSelection, SampleDesign
from shared.scoring.sampling.pupils import PupilDraw, draw_pupils
from tests.scoring.sampling_builders import roster

ROSTER = roster(s1={"1": 20, "2": 20}, s2={"1": 5}, s3={"1": 7, "2": 9, "3": 11})


def test_pupils_of_a_school_have_one_probability():
    drawn = draw_pupils(ROSTER, SampleDesign(3, take=10), seed=1).pupils
    found = {
        code: (part.height, part["pupil_probability"].unique().to_list())
        for (code,), part in drawn.group_by("school_code")
    }
    assert found == {"s1": (10, [10 / 40]), "s2": (5, [1.0]), "s3": (10, [10 / 27])}


def test_whole_classes_come_with_all_their_pupils():
    design = SampleDesign(3, take=2, pupil_selection=PupilSelection.CLASSES)
    drawn = draw_pupils(ROSTER, design, seed=1).pupils
    sizes = ROSTER.group_by("school_code", "class_code").len("all")
    taken = drawn.group_by("school_code", "class_code").agg(pl.len(), pl.col("pupil_probability").first())
    both = taken.join(sizes, on=["school_code", "class_code"]).sort("school_code", "class_code")
    assert both["len"].equals(both["all"])
    assert both["school_code"].to_list() == ["s1", "s1", "s2", "s3", "s3"]
    assert both["pupil_probability"].to_list() == [1, 1, 1, 2 / 3, 2 / 3]


def test_a_draw_can_be_repeated_and_stored():
    design = SampleDesign(3, take=3)
    draw = draw_pupils(ROSTER, design, seed=1)
    assert draw_pupils(ROSTER.reverse(), design, seed=1).to_json() == draw.to_json()
    assert PupilDraw.from_json(draw.to_json()).to_json() == draw.to_json()
    assert draw_pupils(ROSTER, design, seed=2).pupils["student_id"].to_list() != draw.pupils["student_id"].to_list()


def test_another_roster_uses_other_numbers():
    first, second = roster(s1={"1": 30}), roster(s2={"1": 30})
    design = SampleDesign(1, take=10)
    drawn = [draw_pupils(part, design, seed=1).pupils["student_id"].str.slice(3).to_list() for part in (first, second)]
    assert drawn[0] != drawn[1]


def test_every_pupil_is_drawn_as_often_as_the_probability_says():
    design, small = SampleDesign(1, take=2), roster(s={"1": 5})
    times = pl.concat([draw_pupils(small, design, seed=seed).pupils for seed in range(500)])[
        "student_id"
    ].value_counts()
    # 500 · 2/5 = 200, sd √(500 · 0.4 · 0.6) = 11; the seeds are fixed.
    assert times.height == 5
    assert times["count"].is_between(200 - 44, 200 + 44).all()
