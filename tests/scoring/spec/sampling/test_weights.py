"""Weights (docs/scoring.md §8b.6)."""

import polars as pl
import pytest

from shared.scoring.sampling.design import SampleDesign
from shared.scoring.sampling.draws import SCHOOL_SCHEMA, STRATA_SCHEMA, SampleDraw
from shared.scoring.sampling.weights import sample_weights, trimmed, weight_check
from shared.terms.errors import DomainError

# Stratum a: 400 pupils in 8 schools, 4 drawn; a2 has replacements r1 and r2. Stratum b: one certain school.
SCHOOLS = [
    ("a", 1, "a1", 50, 0.5, False, "sampled", None, None),
    ("a", 2, "r2", 50, 0.5, False, "replacement", "a2", 2),
    ("a", 3, "a2", 40, 0.4, False, "sampled", None, None),
    ("a", 4, "r1", 80, 0.8, False, "replacement", "a2", 1),
    ("a", 5, "a3", 60, 0.6, False, "sampled", None, None),
    ("a", 6, "a4", 50, 0.5, False, "sampled", None, None),
    ("b", 1, "b1", 20, 1.0, True, "sampled", None, None),
]
DRAW = SampleDraw(
    design=SampleDesign(5),
    seed=0,
    frame_hash="",
    strata=pl.DataFrame(
        [("a", 8, 400, 4, None, [0.0]), ("b", 1, 20, 1, None, [0.0])], schema=STRATA_SCHEMA, orient="row"
    ),
    schools=pl.DataFrame(SCHOOLS, schema=SCHOOL_SCHEMA, orient="row"),
)
WHOLE = {"a1": "pppp", "a2": "pppp", "a3": "pppp", "a4": "pppp", "b1": "pppp"}
WORDS = {"p": "participated", "a": "absent", "i": "ineligible"}


def pupils(**schools: str) -> pl.DataFrame:
    """One letter per drawn pupil; the first two of each four are girls; a pupil stands for a quarter of the size."""
    size = {row[2]: row[3] for row in SCHOOLS}
    rows = [
        (
            code,
            "1",
            f"{code}-{number}",
            len(letters) / size.get(code, 10),
            WORDS.get(letter, letter),
            "gb"[number // 2 % 2],
        )
        for code, letters in schools.items()
        for number, letter in enumerate(letters)
    ]
    columns = ["school_code", "class_code", "student_id", "pupil_probability", "participation", "sex"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def school(weighted: pl.DataFrame, code: str) -> dict:
    return weighted.filter(school_code=code).row(0, named=True)


def test_full_participation_gives_inverse_probabilities():
    weighted = sample_weights(DRAW, pupils(**WHOLE))
    found = school(weighted, "a2")
    assert (found["school_weight"], found["school_adjustment"]) == (1 / 0.4, 1)
    assert (found["pupil_weight"], found["pupil_adjustment"]) == (40 / 4, 1)
    assert found["weight"] == 1 / 0.4 * 10
    check = weight_check(DRAW, weighted)
    assert check["weight_sum"].to_list() == pytest.approx([400, 20, 420])
    assert check["ratio"].to_list() == pytest.approx([1, 1, 1])
    assert check["is_near"].all()


def test_absent_pupils_are_stood_for_in_their_school():
    found = school(sample_weights(DRAW, pupils(**WHOLE | {"a1": "paap"})), "a1")
    assert found["pupil_adjustment"] == 4 / 2
    assert found["weight"] == pytest.approx(2 * 12.5 * 2)


def test_pupil_classes_and_their_joining():
    weighted = sample_weights(DRAW, pupils(**WHOLE | {"a1": "pppa", "a3": "ppaa"}), pupil_class="sex")
    in_a1 = weighted.filter(school_code="a1").sort("student_id")["pupil_adjustment"].to_list()
    assert in_a1 == [1, 1, 2]
    # No boy of a3 took part, so its girls stand for all.
    assert weighted.filter(school_code="a3")["pupil_adjustment"].to_list() == [2, 2]


def test_ineligible_pupils_leave_the_population():
    weighted = sample_weights(DRAW, pupils(**WHOLE | {"a1": "ppii"}))
    assert school(weighted, "a1")["pupil_adjustment"] == 1
    assert weight_check(DRAW, weighted)["weight_sum"][0] == pytest.approx(400 - 2 * 25)


def test_a_lost_school_is_stood_for_by_its_stratum():
    weighted = sample_weights(DRAW, pupils(**WHOLE | {"a2": "aaaa"}))
    # size / π is 100 in every school of a
    assert weighted.filter(stratum="a")["school_adjustment"].unique().to_list() == pytest.approx([4 / 3])
    assert weighted.filter(stratum="b")["school_adjustment"].unique().to_list() == [1]
    assert weight_check(DRAW, weighted)["weight_sum"].to_list() == pytest.approx([400, 20, 420])


def test_a_replacement_stands_with_its_own_probability():
    weighted = sample_weights(
        DRAW, pupils(**{code: row for code, row in WHOLE.items() if code != "a2"} | {"r1": "pppp"})
    )
    assert school(weighted, "r1")["weight"] == pytest.approx(1 / 0.8 * 20)
    assert school(weighted, "r1")["school_adjustment"] == 1


def test_a_school_below_the_least_response_did_not_take_part():
    rows = pupils(**WHOLE | {"a2": "paaa"})
    assert school(sample_weights(DRAW, rows), "a2")["pupil_adjustment"] == 4
    assert sample_weights(DRAW, rows, min_response=0.5).filter(school_code="a2").is_empty()


def test_a_closed_school_is_stood_for_by_nobody():
    rows = pupils(**{code: row for code, row in WHOLE.items() if code != "a2"})
    weighted = sample_weights(DRAW, rows, ineligible_schools=["a2"])
    assert weighted["school_adjustment"].unique().to_list() == [1]
    check = weight_check(DRAW, weighted)
    assert check["ratio"].to_list() == pytest.approx([300 / 400, 1, 320 / 420])
    assert check["is_near"].to_list() == [False, True, False]


def test_classes_of_schools_replace_the_stratum():
    classes = pl.DataFrame({"school_code": ["a1", "a2", "a3", "a4"], "adjustment_class": ["u", "u", "v", "v"]})
    weighted = sample_weights(DRAW, pupils(**WHOLE | {"a2": "aaaa"}), school_classes=classes)
    found = dict(weighted.group_by("school_code").agg(pl.col("school_adjustment").first()).iter_rows())
    assert found == {"a1": 2, "a3": 1, "a4": 1, "b1": 1}


@pytest.mark.parametrize(
    ("rows", "closed", "expected"),
    [
        (WHOLE | {"zz": "p"}, [], [("sample_school_unknown", "zz")]),
        (WHOLE | {"a1": "pp?p"}, [], [("sample_participation_unknown", "a1-2")]),
        (WHOLE | {"r1": "pppp"}, [], [("sample_replacement_unneeded", "r1")]),
        (WHOLE, ["a2"], [("sample_school_ineligible", "a2")]),
        (WHOLE | {"b1": "aaaa"}, [], [("sample_no_participants", None)]),
    ],
)
def test_contradictions_are_refused(rows, closed, expected):
    with pytest.raises(DomainError, match=r"scoring\.sample_weights_impossible") as refused:
        sample_weights(DRAW, pupils(**rows), ineligible_schools=closed)
    assert [(fault.code.split(".")[1], fault.source_id) for fault in refused.value.faults] == expected


def test_trimming_keeps_the_sum_of_the_stratum():
    weighted = pl.DataFrame({"stratum": ["a"] * 5 + ["b"], "weight": [1.0, 1.0, 1.0, 1.0, 8.0, 100.0]})
    # Median 1, cut at 3: 7 instead of 12.
    assert trimmed(weighted, 3)["weight"].to_list() == pytest.approx([12 / 7] * 4 + [36 / 7, 100])
    rows = pupils(**WHOLE | {"a1": "paaa"})
    assert sample_weights(DRAW, rows, trim=2)["weight"].max() < sample_weights(DRAW, rows)["weight"].max()


@pytest.mark.parametrize("wrong", [{"trim": 0.5}, {"min_response": 1.5}])
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(DomainError, match=r"scoring\.sample_design_invalid"):
        sample_weights(DRAW, pupils(**WHOLE), **wrong)


def test_the_cost_of_unequal_weights():
    weighted = sample_weights(DRAW, pupils(**WHOLE | {"a1": "paaa"}))
    found = weight_check(DRAW, weighted)["weights_design_effect"][0]
    # One pupil weighs 100, twelve weigh 25.
    assert found == pytest.approx(13 * (100**2 + 12 * 25**2) / 400**2)


def test_a_stratum_without_weights_has_no_ratio_near_one():
    nobody = sample_weights(DRAW, pupils(**WHOLE)).filter(stratum="a")
    check = weight_check(DRAW, nobody).row(1, named=True)
    assert (check["n"], check["weight_sum"], check["is_near"], check["weights_design_effect"]) == (0, 0, False, None)
