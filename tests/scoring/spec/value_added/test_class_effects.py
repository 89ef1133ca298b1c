"""The model with classes in the place of schools: residuals, errors, what intake lets expect."""

from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from shared.scoring.frame import check_sheet
from shared.scoring.plan import AnalysisPlan, OutcomeScale, ValueAddedModel
from shared.scoring.subjects import Subject
from shared.scoring.value_added.class_effects import CLASS_EFFECT_SCHEMA, class_effects
from shared.scoring.value_added.random_intercept_model import random_intercept_model

MATH, ENTRY = Subject("math", full_mark=Decimal(150)), Subject("entry", full_mark=Decimal(150))


def cohort(*, size: int = 20, classes: int = 12, seed: int = 3) -> pl.DataFrame:
    """Three schools of four classes; class k is k tenths of an intake better and has an effect of its own."""
    chance = np.random.default_rng(seed)
    rows = []
    for number in range(classes):
        effect = 6 * chance.normal()
        for pupil in range(size):
            entry = round(70 + number + 12 * chance.normal())
            mark = round(20 + 0.8 * entry + effect + 8 * chance.normal())
            rows.append((f"p{number:02d}{pupil:02d}", f"21990000{number // 4:02d}", f"c{number % 4}", mark, entry))
    schema = ["candidate_id", "school_code", "class_code", "math", "entry"]
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    marks = [pl.col(name).clip(0, 150).cast(pl.Decimal(18, 6)) for name in ("math", "entry")]
    status = [pl.lit("present").alias(f"{name}__status") for name in ("math", "entry")]
    return frame.with_columns(*marks, *status, county_code=pl.lit("990001"))


def plan(scale: OutcomeScale = OutcomeScale.RAW) -> AnalysisPlan:
    model = ValueAddedModel(outcome="math", intakes=("entry",), scale=scale)
    return AnalysisPlan(outcomes=(MATH,), intakes=(ENTRY,), models=(model,), min_n=10, label_min_n=10)


def found(frame: pl.DataFrame, asked: AnalysisPlan) -> pl.DataFrame:
    return class_effects(check_sheet(frame, asked), asked.models[0], asked)


def test_it_is_the_random_intercept_model_over_classes() -> None:
    frame, asked = cohort(), plan()
    table = found(frame, asked)
    assert table.schema == CLASS_EFFECT_SCHEMA
    named = frame.with_columns(pl.concat_str("school_code", "class_code", separator="/").alias("group"))
    numbers = named.select("group", pl.col("math", "entry").cast(pl.Float64))
    reference = random_intercept_model(numbers, "math", "group", covariates=["entry"])
    effects = table.select(
        pl.concat_str("school_code", "class_code", separator="/").alias("group"), "effect", "effect_se"
    )
    joined = reference.group_frame().join(effects, on="group")
    assert joined.height == 12
    assert joined["effect"].to_numpy() == pytest.approx(joined["estimate"].to_numpy(), rel=1e-6, abs=1e-9)
    assert table["se"].to_numpy() == pytest.approx((reference.fit.sigma2 / 20) ** 0.5, rel=1e-6)


def test_mean_is_what_was_expected_and_what_was_added() -> None:
    frame = cohort()
    table = found(frame, plan())
    means = frame.group_by("school_code", "class_code").agg(pl.col("math").cast(pl.Float64).mean())
    joined = table.join(means, on=["school_code", "class_code"])
    added = joined["expected"] + joined["mean_residual"]
    assert added.to_numpy() == pytest.approx(joined["math"].to_numpy())
    t = found(frame, plan(OutcomeScale.T))
    sd = frame["math"].cast(pl.Float64).std(ddof=0)
    assert t["mean_residual"].to_numpy() == pytest.approx(table["mean_residual"].to_numpy() * 10 / sd)
    assert t["expected"].mean() + t["mean_residual"].mean() == pytest.approx(50)


def test_small_classes_are_withheld_with_company_and_not_labeled() -> None:
    frame = cohort()
    small = frame.filter((pl.col("class_code") != "c0") | pl.col("candidate_id").str.ends_with("1"))
    table = found(small, plan())
    assert table.filter(class_code="c0")["suppressed"].all()
    assert table.filter(class_code="c0")["label"].null_count() == 3
    # Three classes of two are too few to hide one another: one more goes with them.
    assert table["suppressed"].sum() == 4
    assert table["suppression"].value_counts().filter(suppression="complementary")["count"].to_list() == [1]


def test_where_classes_cannot_be_compared_there_is_nothing() -> None:
    assert found(cohort(classes=2), plan()).is_empty()
    absent = [pl.lit("absent").alias("entry__status"), pl.lit(None, pl.Decimal(18, 6)).alias("entry")]
    assert found(cohort().with_columns(absent), plan()).is_empty()
