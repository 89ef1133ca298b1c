"""Anomalies as warnings (docs/scoring.md §14.5)."""

from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from shared.scoring.early_warnings.anomalies import copied_answers, mark_inflation, subject_apart
from shared.scoring.early_warnings.base import ExamFigures
from shared.scoring.exam import analyze
from shared.scoring.plan import AnalysisPlan, CompositeWeight, Rate, ValueAddedModel
from shared.scoring.subjects import Subject
from tests.scoring.builders import HUNDRED, sheet_frame

RATE = {"false_alarm_rate": 0.01}
READING = Subject("reading", full_mark=Decimal(100), step=Decimal(1))
HALVES = Subject("math", full_mark=Decimal(100), step=Decimal("0.5"))


def figures(plan: AnalysisPlan, frames: dict[str, pl.DataFrame]) -> ExamFigures:
    return ExamFigures(school_year="2026-2027", plan=plan, frames=frames)


def lifted(subject: Subject, *, schools: int = 8) -> ExamFigures:
    """Schools of one shape; in ``s0`` whoever misses 60 by up to five marks has 60."""
    marks = np.clip(np.random.default_rng(5).normal(58, 12, (schools, 150)).round(), 0, 100)
    marks[0] = np.where((marks[0] >= 55) & (marks[0] < 60), 60, marks[0])
    rows = [{"math": float(mark), "school": f"s{place}"} for place, school in enumerate(marks) for mark in school]
    plan = AnalysisPlan(outcomes=(subject,))
    return figures(plan, analyze([sheet_frame(rows)], plan, lambda *_: None).frames())


@pytest.mark.parametrize("subject", [HUNDRED, HALVES])
def test_marks_lifted_to_the_pass_line_are_found_from_the_one_mark_table(subject):
    (row,) = mark_inflation(lifted(subject), (), RATE | {"width": 0.05}).iter_rows(named=True)
    assert (row["school_code"], row["subject"], row["value"]) == ("s0", "math", 1.0)
    assert 0.3 < row["reference"] < 0.7


def test_without_a_table_a_pass_rate_or_marks_nothing_is_found():
    found = lifted(HUNDRED)
    plan = AnalysisPlan(
        outcomes=(HUNDRED,),
        rates=(Rate("excellent", Decimal("0.85")),),
        composite=(CompositeWeight("score_rate", Decimal(1)),),
    )
    for given in (
        figures(plan, dict(found.frames)),
        figures(found.plan, {}),
        figures(found.plan, {"cumulative": found.frames["cumulative"].clear()}),
        figures(AnalysisPlan(outcomes=(READING,)), dict(found.frames)),
    ):
        assert mark_inflation(given, (), RATE | {"width": 0.05}).is_empty()


MODELS = tuple(ValueAddedModel(subject, ("entry",)) for subject in ("math", "reading"))


def progress(apart: float, *, models: tuple[ValueAddedModel, ...] = MODELS) -> ExamFigures:
    """Twelve schools of 50 whose residuals are alike in both subjects, but for mathematics in ``s0``."""
    entry = Subject("entry", full_mark=Decimal(100))
    plan = AnalysisPlan(outcomes=(HUNDRED, READING), intakes=(entry,), models=models)
    level = {f"s{place:02}": (place - 6) / 3 for place in range(12)}
    rows = [
        (
            model.code,
            "k1",
            school,
            False,
            50,
            level[school] + (apart if (place, number) == (0, 0) else 0.2 * (-1) ** place),
        )
        for number, model in enumerate(models)
        for place, school in enumerate(level)
    ]
    names = ["model", "county_code", "school_code", "suppressed", "n", "mean_residual"]
    table = [{"model": model.code, "status": "computed", "sigma2": 40.0} for model in models]
    schools = pl.DataFrame(rows, schema=names, orient="row")
    return figures(plan, {"value_added_schools": schools, "value_added_models": pl.DataFrame(table)})


def test_a_subject_that_stands_apart_is_found_and_needs_another_to_stand_apart_from():
    (row,) = subject_apart(progress(9.0), (), RATE).iter_rows(named=True)
    assert (row["school_code"], row["subject"], row["detail"]) == ("s00", "math", "math~entry[reml,t]")
    assert row["value"] == pytest.approx(9.0, abs=0.5)
    assert row["value"] / row["se"] > 3
    assert subject_apart(progress(0.2), (), RATE).is_empty()
    assert subject_apart(progress(9.0, models=MODELS[:1]), (), RATE).is_empty()
    assert subject_apart(figures(progress(0.2).plan, {}), (), RATE).is_empty()


def test_classes_are_named_and_a_smaller_rate_leaves_fewer():
    rows = {
        "subject": "math",
        "kind": ["copied_answers", "copied_answers", "bad_key"],
        "county_code": "k1",
        "school_code": ["a", "b", None],
        "class_code": ["3", "1", None],
        "p_value": [1e-9, 9e-6, None],
        "threshold": [1e-5, 1e-5, None],
        "identical_pairs": [60, 30, None],
        "expected_pairs": [20.0, 15.0, None],
    }
    given = figures(AnalysisPlan(outcomes=(HUNDRED,)), {"item_anomalies": pl.DataFrame(rows)})
    found = copied_answers(given, (), RATE)
    assert found["detail"].to_list() == ["3", "1"]
    assert (found["value"][0], found["reference"][0]) == (60.0, 20.0)
    assert copied_answers(given, (), {"false_alarm_rate": 0.001})["school_code"].to_list() == ["a"]
    assert copied_answers(figures(given.plan, {}), (), RATE).is_empty()
