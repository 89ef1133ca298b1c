"""Value added of classes brought together for those who taught them: parts, errors, shrinkage, labels, composition."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.scoring.teaching_effect import (
    COMPOSITION_SCHEMA,
    EFFECT_SCHEMA,
    PART_SCHEMA,
    composition_of,
    teacher_parts,
    teaching_effects,
    variance_between,
)

SIGMA = 8.0


def classes(*rows: tuple[str, int, float], source: str = "exam/math", expected: float = 50.0) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "source": [source] * len(rows),
            "school_code": ["s"] * len(rows),
            "class_code": [row[0] for row in rows],
            "n": [row[1] for row in rows],
            "mean_residual": [row[2] for row in rows],
            "se": [SIGMA / row[1] ** 0.5 for row in rows],
            "expected": [expected + place for place in range(len(rows))],
        }
    )


def links(*rows: tuple[str, str, float], source: str = "exam/math") -> pl.DataFrame:
    schema = ["class_code", "staff_key", "part"]
    frame = pl.DataFrame(list(rows), schema=schema, orient="row")
    return frame.with_columns(pl.lit(source).alias("source"), pl.lit("s").alias("school_code"))


def one(frame: pl.DataFrame, staff_key: str = "t") -> dict[str, Any]:
    return frame.filter(staff_key=staff_key).row(0, named=True)


def test_classes_are_weighed_by_pupils_and_part() -> None:
    found = teacher_parts(classes(("a", 40, 2.0), ("b", 20, -1.0)), links(("a", "t", 0.5), ("b", "t", 1.0)))
    assert found.schema == PART_SCHEMA
    row = one(found)
    assert (row["classes"], row["n"], row["value"]) == (2, 40, pytest.approx((20 * 2 - 20) / 40))
    # As if forty pupils had been theirs alone.
    assert row["se"] == pytest.approx(SIGMA / 40**0.5)
    assert (row["expected"], row["class_size"]) == (pytest.approx(50.5), pytest.approx(30))


def test_a_tenth_of_a_class_is_known_as_a_tenth_of_its_pupils() -> None:
    row = one(teacher_parts(classes(("a", 40, 2.0)), links(("a", "t", 0.1))))
    assert (row["n"], row["value"], row["se"]) == (pytest.approx(4), pytest.approx(2), pytest.approx(SIGMA / 2))


def test_spells_add_up_and_what_is_not_known_is_left_out() -> None:
    given_classes = pl.concat([classes(("a", 40, 2.0)), classes(("w", 9, 5.0)).with_columns(n=pl.lit(None, pl.Int64))])
    some = links(("a", "t", 0.3), ("a", "t", 0.3), ("w", "t", 1.0), ("x", "t", 1.0), ("a", "u", 0.0))
    found = teacher_parts(given_classes, some)
    assert (found.height, one(found)["n"], one(found)["classes"]) == (1, pytest.approx(24), 1)
    doubled = teacher_parts(classes(("a", 40, 2.0)), links(("a", "t", 0.8), ("a", "t", 0.8)))
    assert one(doubled)["n"] == 40


def test_between_variance_is_what_paule_and_mandel_define() -> None:
    chance = np.random.default_rng(1)
    errors = chance.uniform(0.5, 2, 400)
    values = chance.normal(0, 1.5, 400) + chance.normal(0, errors)
    tau2 = variance_between(values, errors)
    assert (values**2 / (errors**2 + tau2)).sum() == pytest.approx(400)
    assert tau2 == pytest.approx(2.25, rel=0.25)
    assert variance_between(np.array([0.1, -0.1]), np.array([1.0, 1.0])) == 0
    assert variance_between(np.array([]), np.array([])) == 0


def parts(*rows: tuple[str, float, float, float], source: str = "exam/math") -> pl.DataFrame:
    table = [(key, source, 2, n, value, se, 50.0, 40.0) for key, n, value, se in rows]
    return pl.DataFrame(table, schema=PART_SCHEMA, orient="row")


def test_effects_are_shrunken_and_say_what_they_can() -> None:
    found = teaching_effects(
        parts(("up", 80, 6.0, 1.0), ("down", 80, -6.0, 1.0), ("mid", 80, 0.5, 1.0), ("vague", 20, 1.0, 6.0)), min_n=15
    )
    assert found.schema == EFFECT_SCHEMA
    assert dict(found.select("staff_key", "label").iter_rows()) == {
        "up": "above", "down": "below", "mid": "as_expected", "vague": "not_classifiable"
    }  # fmt: skip
    up, vague = one(found, "up"), one(found, "vague")
    assert 0 < up["effect"] < up["value"] == 6
    assert up["effect"] == pytest.approx(up["reliability"] * 6)
    assert up["se"] == pytest.approx(up["value_se"] * up["reliability"] ** 0.5)
    assert vague["reliability"] < 0.5
    assert abs(vague["effect"]) < 1


def test_of_few_pupils_nothing_is_told_and_they_move_nobody() -> None:
    rows = (("up", 80, 6.0, 1.0), ("down", 80, -6.0, 1.0))
    found = teaching_effects(parts(*rows, ("few", 10, 90.0, 0.1)), min_n=15)
    few = one(found, "few")
    assert (few["n"], few["effect"], few["label"]) == (10, None, "not_classifiable")
    without = teaching_effects(parts(*rows), min_n=15)
    assert found.filter(pl.col("staff_key") != "few").equals(without)


def test_where_teachers_do_not_differ_beyond_chance_nobody_is_labeled() -> None:
    found = teaching_effects(parts(("a", 80, 0.3, 1.0), ("b", 80, -0.3, 1.0)), min_n=15)
    assert found["label"].to_list() == ["not_classifiable"] * 2
    assert found["effect"].to_list() == [0, 0]


def test_several_sources_are_weighed_by_precision() -> None:
    both = pl.concat([parts(("t", 40, 4.0, 1.0)), parts(("t", 40, 1.0, 2.0), source="exam/physics")])
    row = one(teaching_effects(both, min_n=15))
    assert (row["value"], row["value_se"], row["n"]) == (pytest.approx(3.4), pytest.approx((1 / 1.25) ** 0.5), 80)


def test_figures_that_follow_intake_are_flagged() -> None:
    table = [(f"t{n}", "exam/math", 1, 40.0, 0.5 * n, 1.0, 40.0 + n, 40.0) for n in range(10)]
    found = composition_of(pl.DataFrame(table, schema=PART_SCHEMA, orient="row"), min_n=15)
    assert found.schema == COMPOSITION_SCHEMA
    assert found.select("attribute", "teachers", "correlation", "flagged").rows() == [
        ("expected", 10, pytest.approx(1), True),
        ("class_size", 10, None, False),
    ]
    assert composition_of(pl.DataFrame(table, schema=PART_SCHEMA, orient="row"), min_n=99).is_empty()


@given(st.lists(st.tuples(st.floats(1, 200), st.floats(-20, 20), st.floats(0.2, 10)), min_size=1, max_size=30))
def test_shrinking_never_turns_nor_enlarges(rows: list[tuple[float, float, float]]) -> None:
    found = teaching_effects(parts(*((f"t{n:02d}", *row) for n, row in enumerate(rows))), min_n=15)
    for row in found.drop_nulls("effect").iter_rows(named=True):
        assert abs(row["effect"]) <= abs(row["value"]) + 1e-12
        assert row["effect"] * row["value"] >= 0
        assert row["ci_low"] <= row["effect"] <= row["ci_high"]
        assert row["se"] <= row["value_se"] + 1e-12
    assert found["staff_key"].is_sorted()
