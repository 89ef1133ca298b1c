"""The policy applied to frames: agrees with the policy row by row, and with the core's own withholding."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.monitoring.exams.rules import analysis_plan
from services.monitoring.results.remainders import withheld_rows
from services.monitoring.results.views import row_filter, table_view
from shared.policy.visibility import ResultVisibility, result_visibility
from shared.scoring.exam import analyze
from shared.scoring.frame import MarkUnit
from shared.scoring.result import AnalysisResult
from shared.terms.actor import Actor
from shared.terms.education import Stage
from shared.terms.organization import OrgLevel
from tests.services.monitoring.factories import SchoolOfTest, definition, sheet_frame
from tests.services.monitoring.results.city import (
    ALONE,
    CITY_ADMIN,
    IN_A_PAIR,
    PROVINCE,
    SCHOOLS,
    SMALL,
    at_county,
    at_school,
)

Scan = Callable[[str], pl.LazyFrame]
READERS = [CITY_ADMIN, PROVINCE, at_county("990001"), at_county("990004"), at_school(SMALL), at_school(ALONE)]
MIN_N = 10


@pytest.fixture(scope="module")
def result() -> AnalysisResult:
    sheets = [sheet_frame(school) for school in SCHOOLS.values()]
    return analyze(sheets, analysis_plan(definition()), lambda done, total: None, unit=MarkUnit.GRID_UNIT)


@pytest.fixture(scope="module")
def scan(result: AnalysisResult) -> Scan:
    frames = result.frames()
    return lambda name: frames[name].lazy()


def seen_by(who: Actor, kind: str = "sample_monitoring") -> ResultVisibility:
    return result_visibility(who, stage=Stage.PRIMARY, exam_kind=kind)


def shown(name: str, scan: Scan, who: Actor) -> pl.DataFrame:
    view = table_view(name, scan, visibility=seen_by(who), min_n=MIN_N, is_drawn=False)
    return view.shown(scan(name).filter(view.rows).collect())


@pytest.mark.parametrize("who", READERS, ids=lambda who: who.subject)
def test_the_row_filter_agrees_with_the_policy(result: AnalysisResult, who: Actor) -> None:
    visibility = seen_by(who)
    for name, frame in result.frames().items():
        if name == "standings" or "school_code" not in frame.columns:
            continue
        keys = frame.with_columns(row_filter(name, visibility).alias("shown")).to_dicts()
        for row in keys:
            place = {key: row[key] for key in ("county_code", "school_code")}
            assert row["shown"] == visibility.shows(OrgLevel(row.get("level", "school")), **place), (name, row)


def test_for_the_city_the_view_is_what_the_core_shows(result: AnalysisResult, scan: Scan) -> None:
    for name, frame in result.shown_to(None).frames().items():
        if name != "standings":
            assert shown(name, scan, CITY_ADMIN).equals(frame), name


def test_for_a_small_school_its_own_rows_are_what_the_core_shows(result: AnalysisResult, scan: Scan) -> None:
    expected = result.shown_to(SMALL.code).frames()
    for name in ("summary", "bands", "value_added_schools", "companions", "funnel"):
        own = expected[name].filter(pl.col("school_code") == SMALL.code)
        assert own.height > 0
        assert shown(name, scan, at_school(SMALL)).filter(pl.col("school_code") == SMALL.code).equals(own), name


def test_aggregates_that_tell_about_one_other_school(scan: Scan) -> None:
    def withheld(who: Actor) -> set[tuple[Any, ...]]:
        return set(withheld_rows("summary", scan, visibility=seen_by(who), min_n=MIN_N).rows())

    subjects = {"chinese", "maths", "entry", "total"}
    assert withheld(at_school(IN_A_PAIR)) == {("county", subject) for subject in subjects}
    assert withheld(at_school(ALONE)) == set()
    assert withheld(at_school(SCHOOLS["2199000001"])) == set()
    assert withheld(CITY_ADMIN) == withheld(at_county("990003")) == set()


def schools_frame(rows: list[tuple[str, str, int]]) -> Scan:
    frame = pl.DataFrame(rows, schema=["county_code", "school_code", "n_sat"], orient="row").with_columns(
        pl.lit("school").alias("level"), pl.lit("maths").alias("subject"), pl.lit("outcome").alias("role")
    )
    return lambda name: frame.lazy()


@given(st.lists(st.tuples(st.sampled_from(["990001", "990002", "990003"]), st.integers(0, 30)), min_size=1, max_size=9))
def test_no_shown_aggregate_leaves_too_little_when_a_school_subtracts_what_it_knows(
    places: list[tuple[str, int]],
) -> None:
    rows = [(county, f"s{number}", n) for number, (county, n) in enumerate(places)]
    county, own, _ = rows[0]
    who = Actor("s", "c", at_school(SMALL).roles, frozenset(), f"99/9900/{county}/{own}/")
    withheld = withheld_rows("summary", schools_frame(rows), visibility=seen_by(who), min_n=MIN_N)
    hidden = {level for level, subject in withheld.rows() if subject == "maths"}
    assert {subject for _, subject in withheld.rows()} <= {"maths", "total"}
    others = [row for row in rows if row[1] != own and row[2] > 0]
    rests = {
        "county": [row for row in others if row[0] == county],
        "city": others,
        "city less county": [row for row in others if row[0] != county],
    }
    known = [rest for rest in rests if rest.split(maxsplit=1)[0] not in hidden]
    if "county" in hidden:
        known = [rest for rest in known if rest != "city less county"]
    for rest in known:
        left = rests[rest]
        assert not left or (len(left) >= 2 and sum(row[2] for row in left) >= MIN_N), (rest, rows)


def test_figures_relative_to_too_few_others_are_withheld() -> None:
    # Beside the own school nine candidates in two schools: any sum over all would give theirs.
    schools = [SchoolOfTest(f"s{number}", "990003", size) for number, size in enumerate((33, 5, 4))]
    sheets = [sheet_frame(school) for school in schools]
    frames = analyze(sheets, analysis_plan(definition()), lambda done, total: None, unit=MarkUnit.GRID_UNIT).frames()

    def scan(name: str) -> pl.LazyFrame:
        return frames[name].lazy()

    own = at_school(schools[0])
    for name, figures in (
        ("value_added_schools", ["effect", "se", "mean_residual", "label"]),
        ("companions", ["value", "se"]),
        ("funnel", ["value", "center", "lower_95"]),
        ("value_added_models", ["tau2", "outcome_mean"]),
        ("value_added_coefficients", ["estimate"]),
    ):
        frame = shown(name, scan, own)
        assert frame.height > 0, name
        assert frame.select(pl.col(figures).is_null().all()).row(0) == (True,) * len(figures), name
        assert not frames[name].select(pl.col(figures).is_null().all()).row(0)[0], name
    assert shown("transitions", scan, own)["level"].unique().to_list() == ["school"]
    summary = shown("summary", scan, own).filter(subject="maths")
    assert summary.filter(level="school")["mean"].null_count() == 0
    assert summary.filter(pl.col("level").is_in(["city", "county"]))["mean"].is_null().all()
