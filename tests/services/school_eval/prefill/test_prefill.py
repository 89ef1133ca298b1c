"""Leaves are filled from statistics and from monitoring's published results, each with where it is from."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from services.school_eval.app import SERVICE
from services.school_eval.prefill.filled import Wanted
from services.school_eval.prefill.from_monitoring import MonitoringProvider
from services.school_eval.prefill.from_statistics import StatisticsProvider
from services.school_eval.prefill.from_student_development import StudentDevelopmentProvider
from services.school_eval.prefill.service import gather_prefill, store_prefill
from shared.contracts.monitoring import FakeMonitoring, PublishedResults
from shared.contracts.student_eval import ROLL_UP_SCHEMA, FakeStudentEval
from shared.kernel.app import open_kernel
from shared.kernel.settings import ServiceSettings
from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.rules import RULES
from shared.scoring.scheme.tree import (
    Branch,
    EvaluationKind,
    Evaluator,
    GradeBand,
    Leaf,
    Method,
    Name,
    Scheme,
    Source,
    SourceKind,
    SubjectOfScheme,
)
from tests.support.city import CITY, CITY_ADMIN, COUNTY, SCHOOL, SCHOOLS, World, of_school

pytestmark = pytest.mark.anyio
LINEAR = next(rule for rule in RULES if rule.kind == "linear").parse({"kind": "linear", "min": 0, "max": 100})
UNITS = pl.DataFrame({"unit_code": sorted(SCHOOLS)})
OTHER = "2199000002"


def leaf(code: str, kind: SourceKind, key: str) -> Leaf:
    return Leaf(
        code=code,
        name=Name(code, code),
        weight=Decimal(1),
        rule=LINEAR,
        source=Source(kind, key),
        evaluators=(Evaluator.PLATFORM,),
        methods=(Method.COMPUTED,),
        evaluation_kind=EvaluationKind.RESULT,
    )


def scheme(*leaves: Leaf) -> Scheme:
    branch = Branch(code="A1", name=Name("甲", "a"), weight=Decimal(1), children=leaves)
    grades = (GradeBand("A", Name("优", "A"), Decimal(0)),)
    return Scheme(
        code="s",
        name=Name("方案", "s"),
        of=SubjectOfScheme.SCHOOL,
        as_of=dt.date(2027, 1, 1),
        children=(branch,),
        grades=grades,
    )


def published(exam: str, version: str = "1.0.0") -> PublishedResults:
    return PublishedResults(exam, "sample_monitoring", "2026-2027", 6, version, "f" * 64, {"total": f"{exam}-model"})


def effects(exam: str, *rows: tuple[str, float | None, float | None]) -> pl.DataFrame:
    full = [(f"{exam}-model", COUNTY, school, 40, effect, se, None) for school, effect, se in rows]
    names = ["model", "county_code", "school_code", "n", "effect", "se", "label"]
    return pl.DataFrame(full, schema=dict.fromkeys(names[:3], pl.String) | {
        "n": pl.Int64, "effect": pl.Float64, "se": pl.Float64, "label": pl.String,
    }, orient="row")  # fmt: skip


def wanted(*exams: str) -> Wanted:
    return Wanted("2026-2027", UNITS, CITY, dict.fromkeys(exams))


async def test_effects_of_several_exams_are_weighted_by_their_precision() -> None:
    monitoring = FakeMonitoring(
        [published("six"), published("nine")],
        value_added={
            "six": effects("six", (SCHOOL, 4.0, 1.0), (OTHER, None, None)),
            "nine": effects("nine", (SCHOOL, 1.0, 2.0)),
        },
    )
    tree = scheme(leaf("va", SourceKind.MONITORING, "value_added.total"))
    filled = await gather_prefill(tree, wanted("six", "nine", "later"), [MonitoringProvider(monitoring)])
    row = filled.values.filter(pl.col("unit_code") == SCHOOL)
    # Weights 1/1² and 1/2²: (4 + 1/4) / (1 + 1/4), standard error 1/√(5/4).
    assert row["va"][0] == pytest.approx(4.25 / 1.25)
    assert filled.errors.filter(pl.col("unit_code") == SCHOOL)["va"][0] == pytest.approx(1 / 1.25**0.5)
    assert filled.values["va"].count() == 1  # withheld stays missing
    origin = filled.origins["va"]
    assert [each["exam"] for each in origin["results"]] == ["six", "nine"]
    assert (origin["unpublished"], origin["schools"]) == (["later"], 1)


async def test_rates_are_weighted_by_candidates_and_withheld_ones_stay_missing() -> None:
    schema = {"county_code": pl.String, "school_code": pl.String, "subject": pl.String, "n": pl.Int64}
    schema |= dict.fromkeys(["mean", "se_mean", "pass_rate", "pass_rate_se"], pl.Float64)

    def summary(n: int, rate: float, se: float) -> pl.DataFrame:
        rows = [(COUNTY, SCHOOL, "total", n, 60.0, 1.0, rate, se), (COUNTY, OTHER, "total", 3, None, None, None, None)]
        return pl.DataFrame(rows, schema=schema, orient="row")

    monitoring = FakeMonitoring(
        [published("six"), published("nine")], summaries={"six": summary(30, 0.9, 0.05), "nine": summary(10, 0.5, 0.16)}
    )
    tree = scheme(
        leaf("pass", SourceKind.MONITORING, "pass_rate.total"), leaf("x", SourceKind.MONITORING, "odd_rate.total")
    )
    filled = await gather_prefill(tree, wanted("six", "nine"), [MonitoringProvider(monitoring)])
    assert filled.values.drop_nulls("pass").rows() == [(SCHOOL, pytest.approx((30 * 0.9 + 10 * 0.5) / 40))]
    error = ((30 * 0.05) ** 2 + (10 * 0.16) ** 2) ** 0.5 / 40
    assert filled.errors.drop_nulls("pass")["pass"][0] == pytest.approx(error)
    assert filled.unfilled == ("x",)


@pytest.mark.parametrize("kind", ["senior_secondary_entrance", "college_entrance_results"])
async def test_attainment_in_entrance_exams_is_left_out_and_value_added_is_not(kind: str) -> None:
    schema = {"county_code": pl.String, "school_code": pl.String, "subject": pl.String, "n": pl.Int64}
    schema |= dict.fromkeys(["mean", "se_mean", "pass_rate", "pass_rate_se"], pl.Float64)
    summary = pl.DataFrame([(COUNTY, SCHOOL, "total", 30, 60.0, 1.0, 0.9, 0.05)], schema=schema, orient="row")
    monitoring = FakeMonitoring(
        [published("sample"), replace(published("entrance"), kind=kind)],
        value_added={"entrance": effects("entrance", (SCHOOL, 2.0, 1.0))},
        summaries={"sample": summary, "entrance": summary.with_columns(pass_rate=pl.lit(0.1))},
    )
    tree = scheme(
        leaf("pass", SourceKind.MONITORING, "pass_rate.total"), leaf("va", SourceKind.MONITORING, "value_added.total")
    )
    filled = await gather_prefill(tree, wanted("sample", "entrance"), [MonitoringProvider(monitoring)])
    assert filled.values.filter(pl.col("unit_code") == SCHOOL).select("pass", "va").rows() == [(0.9, 2.0)]
    assert [each["exam"] for each in filled.origins["pass"]["results"]] == ["sample"]
    (refused,) = filled.origins["pass"]["refused"]
    assert refused["exam"] == "entrance"
    assert refused["rule"].startswith("H9")
    assert filled.origins["va"]["refused"] == []
    alone = await gather_prefill(tree, wanted("entrance"), [MonitoringProvider(monitoring)])
    assert alone.unfilled == ("pass",)


async def test_statistics_fill_entered_and_derived_leaves(
    world: World, school_eval_settings: ServiceSettings, tmp_path: Path
) -> None:
    figures = {"student_count": "800", "book_count": "24000"}
    await world.put(f"/statistics/2026-2027/{COUNTY}-{SCHOOL}", {"figures": figures}, of_school())
    tree = scheme(
        leaf("books", SourceKind.STATISTICS, "books_per_student"),
        leaf("pupils", SourceKind.STATISTICS, "student_count"),
        leaf("talk", SourceKind.INSPECTION, "interview"),
    )
    kernel = open_kernel(SERVICE, school_eval_settings)
    try:
        async with kernel.database.transaction(CITY) as session:
            filled = await gather_prefill(tree, wanted(), [StatisticsProvider(session, CITY_ADMIN)])
    finally:
        await kernel.database.close()
    assert filled.values.drop_nulls("books").select("unit_code", "books", "pupils").rows() == [(SCHOOL, 30.0, 800.0)]
    assert filled.values.height == len(SCHOOLS)
    assert filled.unfilled == ("talk",)
    store = ColumnarStore(str(tmp_path))
    kept = await store_prefill(filled, store)
    assert store.get(kept["values"]).equals(filled.values)
    assert (kept["errors"], kept["origins"]["books"]["source"]) == (None, "statistics")
    assert await store_prefill(filled, store) == kept


async def test_pupils_development_is_rolled_up_into_their_schools() -> None:
    key = "compulsory_student.at_least_rate.B"
    rows = [
        (SCHOOL, key, 0.8, 120, 1.0, 2),
        (SCHOOL, "compulsory_student.total_mean", 84.0, 120, 1.0, 2),
        ("2199999999", key, 0.1, 40, 1.0, 1),
    ]
    rolled = pl.DataFrame(rows, schema=ROLL_UP_SCHEMA, orient="row")
    students = StudentDevelopmentProvider(FakeStudentEval({("2026-2027", "compulsory_student"): rolled}))
    tree = scheme(
        leaf("good", SourceKind.ROLL_UP, key),
        leaf("other", SourceKind.ROLL_UP, "other_student.at_least_rate.B"),
        leaf("moral", SourceKind.ROLL_UP, "compulsory_student.share_mean.A1"),
    )
    filled = await gather_prefill(tree, wanted(), [students])
    assert filled.values.filter(pl.col("good").is_not_null()).select("unit_code", "good").rows() == [(SCHOOL, 0.8)]
    assert filled.unfilled == ("other", "moral")
    origin = filled.origins["good"]
    assert (origin["semesters"], origin["pupils"], origin["schools"]) == ([2], 120, 1)
