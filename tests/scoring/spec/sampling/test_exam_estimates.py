"""An exam's figures from its sample (docs/scoring.md §8b.12)."""

from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from shared.scoring.plan import AnalysisPlan
from shared.scoring.sampling.design import SampleDesign
from shared.scoring.sampling.draws import SampleDraw, draw_schools
from shared.scoring.sampling.estimates import estimated
from shared.scoring.sampling.estimators import mean, quantiles, rate, spread
from shared.scoring.sampling.exam_estimates import QUANTILES, ExamSample, sample_figures
from shared.scoring.sampling.participation import participation, subject_weights
from shared.scoring.sampling.pupils import draw_pupils
from shared.scoring.sampling.weights import sample_weights, weight_check
from shared.scoring.sampling.zones import variance_zones
from shared.scoring.subjects import Subject

MATHS = Subject("maths", full_mark=Decimal(100), step=Decimal("0.5"))
PLAN = AnalysisPlan(outcomes=(MATHS,), min_n=10)
DESIGN = SampleDesign(schools=30, take=20, sort_by=("place",))


def city(*, schools: int = 150, seed: int = 1) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Schools of two counties, and a mark in grid units of each of some thousand pupils."""
    random = np.random.default_rng(seed)
    sizes = random.integers(12, 80, schools)
    effect = random.normal(0, 8, schools) + np.where(np.arange(schools) % 3 == 0, 6, 0)
    frame = pl.DataFrame(
        {
            "school_code": [f"s{number:03d}" for number in range(schools)],
            "county_code": ["a" if number % 2 else "b" for number in range(schools)],
            "place": ["town" if number % 3 == 0 else "village" for number in range(schools)],
            "size": sizes,
        }
    ).with_columns(pl.concat_str("county_code", "place", separator="|").alias("stratum"))
    index = np.repeat(np.arange(schools), sizes)
    marks = np.clip(np.round(2 * (62 + effect[index] + random.normal(0, 12, len(index)))), 0, 200)
    pupils = pl.DataFrame(
        {
            "school_code": frame["school_code"].gather(index),
            "class_code": ["c1"] * len(index),
            "student_id": [f"p{number:05d}" for number in range(len(index))],
            "maths": marks.astype(np.int32),
        }
    )
    return frame, pupils


def drawn(frame: pl.DataFrame, everyone: pl.DataFrame, *, seed: int, **changes: object) -> ExamSample:
    """A sample of a city in which everybody drawn took part."""
    draw = draw_schools(frame, DESIGN, seed=seed)
    sampled = draw.schools.filter(pl.col("role") == "sampled")["school_code"]
    roster = everyone.filter(pl.col("school_code").is_in(sampled.implode()))
    pupils = (
        draw_pupils(roster, DESIGN, seed=seed)
        .pupils.join(everyone.select("student_id", "maths"), on="student_id", how="left")
        .join(frame.select("school_code", "county_code", "place"), on="school_code", how="left")
        .with_columns(pl.lit(True).alias("is_enrolled"), pl.col("maths").alias("total"))
    )
    counties = frame.group_by("stratum").agg(pl.col("county_code").first()).sort("stratum")
    return ExamSample(
        **{"draw": draw, "pupils": pupils, "counties": counties, "domains": ["place"], "has_strata": True} | changes
    )


def zoned(sample: ExamSample) -> pl.DataFrame:
    """The chain of §8b step by step, as anybody would write it."""
    weighted = sample_weights(sample.draw, sample.pupils.with_columns(participation("maths")))
    marks = sample.pupils.select("student_id", "county_code", "place", (pl.col("maths") / 2).alias("mark"))
    return variance_zones(weighted).join(marks, on="student_id")


def figures(frame: pl.DataFrame, **where: str | None) -> dict[str, tuple]:
    """Estimate, standard error and bounds by metric, of one group."""
    rows = frame.filter(pl.col(name).eq_missing(pl.lit(value, pl.String)) for name, value in where.items())
    names = ("estimate", "se", "ci_low", "ci_high", "df")
    return {row["metric"]: tuple(row[name] for name in names) for row in rows.iter_rows(named=True)}


def test_figures_are_those_of_the_estimators_step_by_step() -> None:
    frame, everyone = city()
    sample = drawn(frame, everyone, seed=3)
    rows, found = zoned(sample), sample_figures(sample, PLAN)
    estimators = [
        mean(),
        spread(),
        rate("pass", at_least=60),
        rate("low_score", below=40),
        quantiles(QUANTILES, width=0.5),
    ]
    tables = (
        ([], found.estimates, "city"),
        (["county_code"], found.estimates, "county"),
        (["place"], found.domains, "city"),
    )
    for by, table, level in tables:
        for estimator in estimators:
            for row in estimated(rows, "mark", estimator, by=by).iter_rows(named=True):
                place = {"group_value": row["place"], "attribute": "place"} if by == ["place"] else {}
                county = row["county_code"] if by == ["county_code"] else None
                shown = figures(table, level=level, county_code=county, subject="maths", **place)[row["term"]]
                assert shown == tuple(row[name] for name in ("estimate", "se", "ci_low", "ci_high", "df"))
    strata = figures(found.domains, attribute="stratum", group_value="a|town", subject="maths")
    inside = estimated(rows.filter(pl.lit(True)), "mark", mean(), by=["stratum"]).filter(pl.col("stratum") == "a|town")
    assert strata["mean"][:2] == inside.select("estimate", "se").row(0)


def test_the_score_rate_is_the_mean_over_the_full_mark() -> None:
    sample = drawn(*city(), seed=3)
    shown = figures(sample_figures(sample, PLAN).estimates, level="city", subject="maths")
    assert shown["score_rate"][:4] == tuple(value / 100 for value in shown["mean"][:4])


def test_the_design_effect_is_against_a_simple_random_sample() -> None:
    sample = drawn(*city(), seed=3)
    rows = zoned(sample)
    weight, mark = rows["weight"].to_numpy(), rows["mark"].to_numpy()
    center = np.average(mark, weights=weight)
    simple = np.average((mark - center) ** 2, weights=weight) / (len(mark) - 1)
    shown = (
        sample_figures(sample, PLAN).estimates.filter(level="city", subject="maths", metric="mean").row(0, named=True)
    )
    assert shown["design_effect"] == pytest.approx(shown["se"] ** 2 / simple)
    assert shown["design_effect"] > 1
    assert (shown["n"], shown["schools"]) == (rows.height, 30)
    assert shown["population"] == pytest.approx(rows["weight"].sum())


def test_weights_are_held_against_the_frame() -> None:
    sample = drawn(*city(), seed=3)
    check = sample_figures(sample, PLAN).check.filter(subject="maths")
    expected = weight_check(sample.draw, zoned(sample))
    names = ["stratum", "population", "weight_sum", "ratio", "is_near", "weights_design_effect"]
    assert_frame_equal(check.select(names), expected.select(names), check_row_order=False, abs_tol=1e-9)
    whole = check.filter(pl.col("stratum").is_null()).row(0, named=True)
    assert (whole["schools_drawn"], whole["schools_present"], whole["school_response_rate"]) == (30, 30, 1)
    assert whole["pupils_drawn"] == whole["pupils_present"] == sample.pupils.height


@pytest.mark.parametrize(
    ("enrolled", "code", "state"),
    [
        (True, 0, "participated"),
        (True, -1, "absent"),
        (True, -2, "absent"),
        (True, None, "absent"),
        (True, -3, "ineligible"),
        (True, -4, "ineligible"),
        (False, None, "ineligible"),
    ],
)
def test_what_a_status_means_for_the_sample(enrolled: bool, code: int | None, state: str) -> None:
    frame = pl.DataFrame({"is_enrolled": [enrolled], "maths": pl.Series([code], dtype=pl.Int32)})
    assert frame.select(participation("maths")).item() == state


def two_strata(codes: dict[str, list[int | None]]) -> tuple[SampleDraw, pl.DataFrame]:
    """Two strata of four schools of four, two drawn in each, all pupils taken; codes by school."""
    frame = pl.DataFrame(
        {"school_code": [f"{s}{n}" for s in "ab" for n in range(4)], "stratum": ["a"] * 4 + ["b"] * 4, "size": [4] * 8}
    )
    draw = draw_schools(frame, SampleDesign(schools=4, take=4, replacements=0), seed=1)
    sampled = draw.schools["school_code"].to_list()
    names = dict(zip(("a-", "a+", "b-", "b+"), sampled, strict=True))
    rows = [
        (names[name], "c", f"{name}{place}", 1.0, True, code)
        for name, given in codes.items()
        for place, code in enumerate(given)
    ]
    columns = ["school_code", "class_code", "student_id", "pupil_probability", "is_enrolled", "maths"]
    return draw, pl.DataFrame(rows, schema=columns, orient="row")


def test_pupils_and_schools_that_were_absent_are_stood_for() -> None:
    full = [10, 10, 10, 10]
    draw, pupils = two_strata({"a-": [10, 10, -1, None], "a+": full, "b-": full, "b+": [-1, -1, -1, -1]})
    weights = subject_weights(draw, pupils, "maths").group_by("stratum").agg(pl.col("weight").sum()).sort("stratum")
    assert weights["weight"].to_list() == [16, 16]


def test_a_school_without_pupils_of_the_subject_leaves_the_population() -> None:
    full = [10, 10, 10, 10]
    draw, pupils = two_strata({"a-": full, "a+": full, "b-": full, "b+": [-4, -4, -4, -4]})
    weights = subject_weights(draw, pupils, "maths").group_by("stratum").agg(pl.col("weight").sum()).sort("stratum")
    assert weights["weight"].to_list() == [16, 8]


def test_a_stratum_of_which_nobody_came_is_represented_by_its_neighbor_and_has_no_figure() -> None:
    full, none = [10, 10, 10, 10], [-1, -1, -1, -1]
    for absent, present in (("a", "b"), ("b", "a")):
        draw, pupils = two_strata({f"{s}{n}": full if s == present else none for s in "ab" for n in "-+"})
        weights = subject_weights(draw, pupils, "maths")
        assert weights["stratum"].unique().to_list() == [present]
        assert weights["weight"].sum() == 32
        assert absent not in weights["stratum"]


def test_small_groups_are_marked_and_so_is_what_would_give_them_back() -> None:
    frame, everyone = city()
    sample = drawn(frame, everyone, seed=3)
    here = sample.pupils.join(frame.select("school_code", "stratum"), on="school_code")
    kept = here.filter(pl.col("stratum") == "a|town")["student_id"].head(7)
    code = (
        pl.when((pl.col("stratum") != "a|town") | pl.col("student_id").is_in(kept.implode()))
        .then("maths")
        .otherwise(-4)
    )
    few = (
        here.with_columns(code.cast(pl.Int32).alias("maths"))
        .with_columns(pl.col("maths").alias("total"))
        .drop("stratum")
    )
    found = sample_figures(drawn(frame, everyone, seed=3, pupils=few), PLAN).domains
    shown = dict(
        found.filter(attribute="stratum", metric="mean", subject="maths")
        .select("group_value", "suppression")
        .iter_rows()
    )
    assert shown == {"a|town": "primary", "a|village": "complementary", "b|town": None, "b|village": None}


def test_nobody_present_has_no_rows() -> None:
    sample = drawn(*city(), seed=3)
    none = sample.pupils.with_columns(pl.lit(-1, pl.Int32).alias(name) for name in ("maths", "total"))
    found = sample_figures(drawn(*city(), seed=3, pupils=none), PLAN)
    assert [table.height for table in (found.estimates, found.domains, found.check)] == [0, 0, 0]


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    frame, everyone = city()
    marks = everyone.join(frame, on="school_code").with_columns(pl.col("maths") / 2)
    truth = {
        ("city", None, "mean"): marks["maths"].mean(),
        ("city", None, "pass_rate"): (marks["maths"] >= 60).mean(),
        ("city", None, "sd"): marks["maths"].std(ddof=0),
        ("county", "a", "mean"): marks.filter(county_code="a")["maths"].mean(),
    }
    covered = dict.fromkeys(truth, 0)
    for seed in range(60):
        sample = drawn(frame, everyone, seed=seed)
        alone = sample.pupils.with_columns(pl.lit(-4, pl.Int32).alias("total"))
        simple = ExamSample(draw=sample.draw, pupils=alone, counties=sample.counties, domains=[], has_strata=False)
        found = sample_figures(simple, PLAN).estimates
        rows = {
            (row["level"], row["county_code"], row["metric"]): row
            for row in found.filter(subject="maths").iter_rows(named=True)
        }
        for key, value in truth.items():
            covered[key] += rows[key]["ci_low"] <= value <= rows[key]["ci_high"]
    # 60 intervals of 95 %: between 51 and 60 in all but one of a few hundred samplings.
    assert all(51 <= count <= 60 for count in covered.values()), covered
