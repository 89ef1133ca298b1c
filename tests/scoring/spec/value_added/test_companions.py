"""Plain companions of value added (docs/scoring.md §6.2, §8.4)."""

from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from shared.scoring.plan import AnalysisPlan, OutcomeScale, ValueAddedModel
from shared.scoring.subjects import Subject
from shared.scoring.summaries.exam_summary import gather_summary
from shared.scoring.value_added.companions import companion_table
from shared.scoring.value_added.models import fit_models
from tests.scoring.builders import sheet

EXIT, ENTRY = Subject("y", full_mark=Decimal(100)), Subject("x", full_mark=Decimal(50))
MODEL = ValueAddedModel("y", ("x",), OutcomeScale.RAW)
PLAN = AnalysisPlan(outcomes=(EXIT,), intakes=(ENTRY,), models=(MODEL,), min_n=3)
MARKS = {
    "s1": [(60, 20), (70, 30), (80, 30), (66, 24.5)],
    "s2": [(50, 20), (55, 30), (90.5, 44), (40, 20), (61, 31)],
    "s3": [(75, 10), (99, 45), (30, 12)],
}
ROWS = [{"school": school, "y": y, "x": x} for school, pairs in MARKS.items() for y, x in pairs]


def companions(rows, plan=PLAN):
    summary = gather_summary(sheet(rows, plan), plan)
    (fitted,) = fit_models(summary.moments, plan)
    return companion_table(fitted, summary.joints, plan)


def measured(measure, rows=ROWS, plan=PLAN):
    found = companions(rows, plan).filter(measure=measure).sort("school_code")
    return found.select("n", "value", "se", "ci_low", "ci_high").rows()


def expected(differences):
    school = np.array([row["school"] for row in ROWS])
    for code in MARKS:
        mine = differences[school == code]
        mean, se = mine.mean(), mine.std(ddof=1) / np.sqrt(len(mine))
        yield pytest.approx((len(mine), mean, se, mean - 1.959963984540054 * se, mean + 1.959963984540054 * se))


Y, X = np.array([row["y"] for row in ROWS]), np.array([row["x"] for row in ROWS])


def test_change_of_t():
    t_exit, t_entry = ((marks - marks.mean()) / marks.std() * 10 for marks in (Y, X))
    assert measured("delta_t") == list(expected(t_exit - t_entry))


def test_change_of_percentile_rank():
    def ranks(marks):
        return np.array([100 * ((marks < m).sum() + (marks == m).sum() / 2) / len(marks) for m in marks])

    assert measured("delta_percentile_rank") == list(expected(ranks(Y) - ranks(X)))


def test_mean_residual_of_the_line_through_all():
    slope, intercept = np.polyfit(X, Y, 1)
    residual = Y - intercept - slope * X
    spread = np.sqrt((residual**2).sum() / (len(Y) - 2))
    school = np.array([row["school"] for row in ROWS])
    for (n, value, se, *_), code in zip(measured("raw_residual_mean"), MARKS, strict=True):
        assert value == pytest.approx(residual[school == code].mean())
        assert se == pytest.approx(spread / np.sqrt(n))


def test_a_school_of_one_has_a_change_and_no_interval():
    rows = [*ROWS, {"school": "s4", "y": 50, "x": 25}]
    ((n, value, *spread),) = [row for row in measured("delta_t", rows) if row[0] == 1]
    assert n == 1
    assert value is not None
    assert spread == [None, None, None]


def test_companions_are_there_when_the_model_is_not():
    plan = AnalysisPlan(outcomes=(EXIT,), intakes=(ENTRY,), models=(MODEL,))
    two = [row for row in ROWS if row["school"] != "s3"]
    assert set(companions(two, plan)["measure"]) == {"delta_t", "delta_percentile_rank", "raw_residual_mean"}


def test_intakes_that_do_not_vary_leave_the_change_of_rank_alone():
    flat = [row | {"x": 25} for row in ROWS]
    assert set(companions(flat)["measure"]) == {"delta_percentile_rank"}


def test_a_line_through_every_candidate_leaves_no_residual_to_judge_by():
    plan = AnalysisPlan(
        outcomes=(EXIT,),
        intakes=(ENTRY, Subject("z", full_mark=Decimal(10))),
        models=(ValueAddedModel("y", ("x", "z"), OutcomeScale.RAW),),
    )
    rows = [{"school": s, "y": y, "x": x, "z": z} for s, y, x, z in [("a", 9, 1, 2), ("b", 5, 4, 1), ("c", 7, 5, 7)]]
    assert "raw_residual_mean" not in set(companions(rows, plan)["measure"])


def test_without_candidates_there_is_nothing():
    assert companions([row | {"x": "absent"} for row in ROWS]).is_empty()


def test_small_schools_are_marked():
    found = companions(ROWS, AnalysisPlan(outcomes=(EXIT,), intakes=(ENTRY,), models=(MODEL,), min_n=4))
    suppressed = found.filter(measure="delta_t").sort("school_code")["suppressed"].to_list()
    # The third school has three; the first, the smallest left, goes with it, for changes add up to 0.
    assert suppressed == [True, False, True]
    assert found.filter(measure="delta_t").select((pl.col("n") * pl.col("value")).sum()).item() == pytest.approx(0)
