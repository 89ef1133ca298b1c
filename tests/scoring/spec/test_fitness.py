"""The national fitness standard: every boundary of every table, and what follows from them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.scoring.fitness.graduation import grade_of, graduation_total, may_graduate
from shared.scoring.fitness.scores import fitness_scores
from shared.scoring.fitness.standard import BMI, BodyMass, Group, Sex, standard_of_2014

STANDARD = standard_of_2014()
TENTH = Decimal("0.1")
GROUPS = list(STANDARD.groups.values())
#: What the standard prints, typed here again from its text: test, sex, grade, result, score.
PRINTED = [
    ("vital_capacity", "girls", 1, "1400", 100),
    ("vital_capacity", "girls", 12, "1790", 20),
    ("sit_and_reach", "boys", 6, "-9.0", 10),
    ("sit_and_reach", "boys", 7, "0.0", 64),
    ("rope_skipping", "boys", 1, "2", 10),
    ("pull_ups", "boys", 12, "9", 60),
    ("pull_ups", "boys", 7, "1", 30),
    ("sit_ups", "girls", 12, "25", 60),
    ("shuttle_run", "boys", 5, "142", 50),
    ("long_run", "boys", 10, "210", 100),
    ("long_run", "boys", 7, "320", 60),
]


def scored(sex: str, grade: int, **results: Any) -> dict[str, Any]:
    row = {"sex": sex, "grade_level": grade, "height_cm": None, "weight_kg": None, **results}
    schema = {"height_cm": pl.Float64(), "weight_kg": pl.Float64()}
    return fitness_scores(pl.DataFrame([row], schema_overrides=schema), STANDARD).to_dicts()[0]


def test_groups_and_weights() -> None:
    assert len(GROUPS) == 24
    for group in GROUPS:
        assert sum(group.weights.values()) == 100
        assert set(group.thresholds) == set(group.weights) - {BMI}
        for rows in group.thresholds.values():
            assert [score for score, _ in rows] == sorted({score for score, _ in rows}, reverse=True)


@pytest.mark.parametrize(("test", "sex", "grade", "result", "score"), PRINTED)
def test_as_printed(test: str, sex: str, grade: int, result: str, score: int) -> None:
    assert scored(sex, grade, **{test: float(result)})[f"{test}_score"] == score


def expected(group: Group, test: str, result: Decimal) -> int:
    """The best row met, found the slow way."""
    less = STANDARD.tests[test].less_is_better
    for score, threshold in group.thresholds[test]:
        if result <= threshold if less else result >= threshold:
            return score
    return 0


@pytest.mark.parametrize("test", [test for test in STANDARD.tests if test != BMI])
@pytest.mark.parametrize("step", [Decimal("0.01"), TENTH, Decimal(1)])
def test_every_boundary_at_above_and_below(test: str, step: Decimal) -> None:
    rows, wanted = [], []
    for group in GROUPS:
        for score, threshold in group.thresholds.get(test, ()):
            for result in (threshold - step, threshold, threshold + step):
                rows.append({"sex": group.sex, "grade_level": group.grade_level, test: float(result)})
                wanted.append(expected(group, test, result))
            better = threshold - step if STANDARD.tests[test].less_is_better else threshold + step
            assert expected(group, test, threshold) == score <= expected(group, test, better)
    frame = pl.DataFrame(rows).with_columns(height_cm=pl.lit(None), weight_kg=pl.lit(None))
    assert fitness_scores(frame, STANDARD)[f"{test}_score"].to_list() == wanted
    assert len(wanted) > 100


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: f"{group.sex}-{group.grade_level}")
def test_bands_of_the_body_mass_index(group: Group) -> None:
    # At a height of one meter the index is the weight.
    for least, below, at in zip(group.bands, tuple(BodyMass)[:-1], tuple(BodyMass)[1:], strict=True):
        for index, band in ((least - TENTH, below), (least, at), (least + TENTH, None)):
            row = scored(group.sex, group.grade_level, height_cm=100.0, weight_kg=float(index))
            assert row["bmi"] == float(index)
            if band is not None:
                assert (row["body_mass"], row["bmi_score"]) == (band, STANDARD.bmi_scores[band])


@given(st.integers(8_000, 22_000), st.integers(1_000, 20_000))
def test_the_index_is_rounded_half_up_to_a_tenth(height: int, weight: int) -> None:
    exact = (Decimal(weight) / 100) / (Decimal(height) / 10_000) ** 2
    wanted = exact.quantize(TENTH, rounding=ROUND_HALF_UP)
    row = scored("boys", 9, height_cm=height / 100, weight_kg=weight / 100)
    assert row["bmi"] == float(wanted)


BEYOND = [
    ("rope_skipping", "girls", 3, 1, {0: 0, 1: 0, 2: 1, 3: 1, 39: 19, 40: 20, 90: 20}),
    ("pull_ups", "boys", 10, 1, {-1: 0, 0: 0, 1: 1, 10: 10, 15: 10}),
    ("sit_ups", "girls", 7, 1, {0: 0, 1: 0, 2: 1, 3: 1, 4: 2, 6: 3, 7: 4, 12: 9, 13: 10, 20: 10}),
    ("long_run", "boys", 7, -1, {0: 0, 3: 0, 4: 1, 8: 2, 20: 5, 22: 5, 23: 6, 34: 9, 35: 10, 60: 10}),
    ("long_run", "girls", 12, -1, {0: 0, 4: 0, 5: 1, 49: 9, 50: 10, 70: 10}),
]


@pytest.mark.parametrize(("test", "sex", "grade", "sign", "points"), BEYOND)
def test_bonus_points(test: str, sex: str, grade: int, sign: int, points: dict[int, int]) -> None:
    _, full = STANDARD.groups[Sex(sex), grade].thresholds[test][0]
    for beyond, wanted in points.items():
        row = scored(sex, grade, **{test: float(full + sign * beyond)})
        assert row[f"{test}_bonus"] == wanted, beyond
        assert (row[f"{test}_score"] == 100) == (beyond >= 0)


FULL = {
    "height_cm": 160.0,
    "weight_kg": 50.0,
    "vital_capacity": 9000,
    "sprint_50m": 5.0,
    "sit_and_reach": 40.0,
    "standing_long_jump": 300,
    "pull_ups": 40,
    "long_run": 100,
}


def test_the_best_total_is_120() -> None:
    row = scored("boys", 9, **FULL)
    assert (row["standard_score"], row["bonus"], row["total"], row["grade"]) == (100, 20, 120, "excellent")


def test_a_total_needs_every_result_of_the_grade() -> None:
    row = scored("boys", 9, **(FULL | {"long_run": None}))
    assert (row["total"], row["grade"], row["bonus"], row["missing_count"]) == (None, None, None, 1)
    assert row["pull_ups_score"] == 100
    del (without := dict(FULL))["long_run"]
    assert scored("boys", 9, **without)["missing_count"] == 1
    assert scored("boys", 9, **FULL, is_exempt=True)["total"] is None
    # A primary pupil's runs are no tests of the grade.
    row = scored("boys", 1, **(FULL | {"height_cm": 120.0, "weight_kg": 24.0}), rope_skipping=300)
    assert (row["long_run_score"], row["missing_count"], row["total"]) == (None, 0, 120)


def test_totals_are_rounded_before_they_are_graded() -> None:
    # 15 × 100 + 15 × 85 + 20 × 90 + 10 × 90 + 10 × 90 + 10 × 85 + 20 × 90 = 90.25; one score less in the sprint …
    group = STANDARD.groups[Sex.BOYS, 9]
    at = {test: dict(rows) for test, rows in group.thresholds.items()}
    scores = {
        "vital_capacity": 85,
        "sprint_50m": 90,
        "sit_and_reach": 90,
        "standing_long_jump": 90,
        "pull_ups": 85,
        "long_run": 90,
    }
    results = {test: float(at[test][score]) for test, score in scores.items()}
    row = scored("boys", 9, height_cm=100.0, weight_kg=20.0, **results)
    assert (row["standard_score"], row["total"], row["grade"]) == (90.25, 90.3, "excellent")


@given(st.data())
def test_totals_follow_from_the_scores(data: st.DataObject) -> None:
    group = data.draw(st.sampled_from(GROUPS))
    results: dict[str, float] = {
        "height_cm": data.draw(st.integers(90, 210)),
        "weight_kg": data.draw(st.integers(12, 150)),
    }
    for test, rows in group.thresholds.items():
        low, high = sorted((rows[0][1], rows[-1][1]))
        results[test] = data.draw(st.integers(int(low * 10) - 60, int(high * 10) + 300)) / 10
    row = scored(group.sex, group.grade_level, **results)
    standard = sum((Decimal(row[f"{test}_score"]) * weight for test, weight in group.weights.items()), Decimal(0)) / 100
    bonus = sum(row[f"{test}_bonus"] for test in group.bonus)
    total = (standard + bonus).quantize(TENTH, rounding=ROUND_HALF_UP)
    assert (row["standard_score"], row["bonus"], row["total"]) == (float(standard), bonus, float(total))
    assert row["grade"] == grade_of(total, STANDARD)
    for test in group.thresholds:
        assert row[f"{test}_score"] == expected(group, test, Decimal(str(results[test])))


def test_order_does_not_matter_and_other_columns_stay() -> None:
    rows = [
        {
            "student": n,
            "sex": group.sex,
            "grade_level": group.grade_level,
            **FULL,
            "sit_ups": 40,
            "rope_skipping": 90 + n,
        }
        for n, group in enumerate(GROUPS)
    ]
    frame = pl.DataFrame(rows)
    whole = fitness_scores(frame, STANDARD)
    assert whole.reverse().equals(fitness_scores(frame.reverse(), STANDARD))
    assert pl.concat([fitness_scores(part, STANDARD) for part in frame.iter_slices(5)]).equals(whole)


@pytest.mark.parametrize("wrong", [{"sex": "male"}, {"sex": None}, {"grade_level": 13}, {"grade_level": None}])
def test_a_group_that_is_not_known(wrong: dict[str, Any]) -> None:
    row = {"sex": "boys", "grade_level": 9, "height_cm": 150.0, "weight_kg": 50.0} | wrong
    with pytest.raises(ValueError, match="grade level"):
        fitness_scores(pl.DataFrame([row], schema_overrides={"sex": pl.String(), "grade_level": pl.Int64()}), STANDARD)


@pytest.mark.parametrize("result", [1e9, float("inf"), float("nan"), -1e12])
def test_what_nobody_can_reach_is_no_result(result: float) -> None:
    assert scored("girls", 9, sit_ups=result)["sit_ups_score"] is None


def test_graduation() -> None:
    totals = {10: Decimal("60.0"), 11: Decimal("70.1"), 12: Decimal("50.0")}
    assert graduation_total(totals, 12, STANDARD) == Decimal("57.5")  # 25 + 32.525
    assert graduation_total({12: Decimal(50)}, 12, STANDARD) == 50
    assert graduation_total({10: Decimal(50)}, 12, STANDARD) is None
    assert may_graduate(Decimal("49.9"), 12, STANDARD) is False
    assert may_graduate(Decimal("50.0"), 12, STANDARD) is True
    assert may_graduate(None, 12, STANDARD) is None
    assert may_graduate(Decimal(10), 9, STANDARD) is True
    for total, grade in (
        ("90.0", "excellent"),
        ("89.9", "good"),
        ("79.9", "passed"),
        ("59.9", "failed"),
        ("0", "failed"),
    ):
        assert grade_of(Decimal(total), STANDARD) == grade
