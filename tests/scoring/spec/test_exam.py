"""A whole exam (docs/scoring.md §0)."""

from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest

from shared.scoring.exam import analyze
from shared.scoring.frame import MarkUnit
from shared.scoring.levels import LEVELS
from shared.scoring.plan import (
    AnalysisPlan,
    ComparisonAttribute,
    FitMethod,
    Grouping,
    OutcomeScale,
    ValueAddedModel,
)
from shared.scoring.schemas import SCHEMAS, SORT_KEYS, schemas
from shared.scoring.subjects import Subject
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel
from tests.scoring.builders import sheet_frame

SUBJECTS = ("math", "art", "entry")
PLAN = AnalysisPlan(
    outcomes=(Subject("math", full_mark=Decimal(40)), Subject("art", full_mark=Decimal(20), step=Decimal(1))),
    intakes=(Subject("entry", full_mark=Decimal(40)),),
    models=(
        ValueAddedModel("math", ("entry",)),
        ValueAddedModel("total", ("entry",), OutcomeScale.RAW, FitMethod.ML, compositional=True),
    ),
    comparisons=(ComparisonAttribute("kind"), ComparisonAttribute("entry", Grouping.QUARTILE)),
    min_n=4,
    label_min_n=5,
    comparison_min_schools=2,
)


def city(schools=6):
    """A small city in which marks follow the entrance, school and pupil by a fixed rule."""
    rows = []
    for j in range(schools):
        for i in range(3 + j):
            entry = (7 * i + 5 * j) % 31
            math = min(entry + 2 * (j % 3) + (i * i) % 5, 40)
            row = {"county": f"k{j % 2}", "school": f"s{j}", "class": f"{i % 2 + 1}", "id": f"p{j}-{i}"}
            rows.append(
                row | {"entry": entry, "math": math, "art": (i + j) % 21, "kind": "town" if j < 4 else "village"}
            )
    rows[0] |= {"math": "absent"}
    rows[9] |= {"art": "exempt"}
    return rows


def frame(rows):
    return sheet_frame(rows, subjects=SUBJECTS, attributes=("kind",))


def run(*frames, plan=PLAN, progress=lambda done, total: None, **options):
    return analyze(frames, plan, progress, **options)


RESULT = run(frame(city()))


def test_every_frame_has_its_schema_and_is_sorted_by_a_unique_key():
    for name, found in RESULT.frames().items():
        assert dict(found.schema) == schemas(PLAN)[name], name
        keys = list(SORT_KEYS[name])
        assert not found.select(keys).is_duplicated().any(), name
        assert found.height > 0, name
        down = {"cumulative": "mark", "bands": "band_low"}.get(name)
        assert found.equals(found.sort(keys, descending=[key == down for key in keys])), name


def test_the_default_schemas_are_exported():
    assert schemas(AnalysisPlan(outcomes=(Subject("x", full_mark=Decimal(10)),))) == SCHEMAS


def test_the_summary_has_every_subject_at_every_level():
    at = RESULT.summary.group_by("level").len()
    subjects = len(PLAN.reported)
    assert dict(at.rows()) == {"city": subjects, "county": 2 * subjects, "school": 6 * subjects, "class": 12 * subjects}
    math = RESULT.summary.filter(level="city", subject="math").row(0, named=True)
    marks = [row["math"] for row in city() if row["math"] != "absent"]
    assert (math["n_sat"], math["n_absent"], math["mean"]) == (len(marks), 1, sum(marks) / len(marks))
    total = RESULT.summary.filter(level="city", subject="total").row(0, named=True)
    both = [row["math"] + row["art"] for row in city() if row["math"] != "absent" and row["art"] != "exempt"]
    assert (total["role"], total["n_sat"], total["mean"]) == ("total", len(both), sum(both) / len(both))


def test_small_groups_are_marked_in_every_frame_that_names_groups():
    small = RESULT.summary.filter(level="school", school_code="s0", subject="math").row(0, named=True)
    assert (small["n_sat"], small["suppressed"], small["suppression"]) == (2, True, "primary")
    for name in ("cumulative", "bands", "value_added_schools", "companions", "transitions", "comparison", "funnel"):
        found = RESULT.frames()[name].filter(pl.col("school_code") == "s0")
        assert found["suppressed"].all(), name
        assert found.height > 0, name


def test_towards_others_small_groups_have_no_figures():
    shown = RESULT.shown_to(None)
    small = pl.col("school_code") == "s0"
    assert shown.summary.filter(small)["mean"].null_count() == shown.summary.filter(small).height
    assert shown.value_added_schools.filter(small)["effect"].to_list() == [None] * 2
    assert shown.cumulative.filter(small).is_empty()
    assert shown.transitions.filter(small).is_empty()
    assert shown.standings.equals(RESULT.standings)
    own = RESULT.shown_to("s0")
    assert own.summary.filter(small).equals(RESULT.summary.filter(small))
    assert own.cumulative.filter(small).equals(RESULT.cumulative.filter(small))


def test_models_effects_and_labels():
    models = {row["model"]: row for row in RESULT.value_added_models.iter_rows(named=True)}
    assert {row["status"] for row in models.values()} == {"computed"}
    assert models["math~entry[reml,t]"]["outcome_mean"] == pytest.approx(50)
    assert models["math~entry[reml,t]"]["method"] == "value_added.random_intercept"
    labels = RESULT.value_added_schools.filter(model="math~entry[reml,t]").select("n", "label").rows()
    assert all((label is None) == (n < PLAN.label_min_n) for n, label in labels)
    terms = RESULT.value_added_coefficients.filter(pl.col("model").str.contains("school_mean"))["term"].to_list()
    assert terms == ["intercept", "entry", "school_mean(entry)"]


def test_models_of_the_same_marks_share_their_summaries_and_differ_by_scale_only():
    raw = ValueAddedModel("math", ("entry",), OutcomeScale.RAW)
    found = run(frame(city()), plan=replace(PLAN, models=(PLAN.models[0], raw)))
    t, marks = (found.value_added_schools.filter(model=model.code)["effect"] for model in (PLAN.models[0], raw))
    spread = found.value_added_models.filter(model=raw.code)["outcome_sd"].item()
    assert t.to_list() == pytest.approx((marks * 10 / spread).to_list())


def test_transitions_count_every_candidate_of_the_model_once():
    table = RESULT.transitions.filter(model="math~entry[reml,t]")
    n = RESULT.value_added_models.filter(model="math~entry[reml,t]")["n_candidates"].item()
    assert table.filter(level="city")["count"].sum() == n
    assert table.filter(level="school")["count"].sum() == n
    shares = table.filter(level="city").group_by("intake_tenth").agg(pl.col("share").sum())["share"].drop_nulls()
    assert shares.to_list() == pytest.approx([1.0] * len(shares))


def test_a_model_that_cannot_be_fitted_stops_nothing_else():
    found = run(frame([row for row in city() if row["school"] < "s2"]))
    assert found.value_added_models.select("status", "reason").rows() == [("not_computed", "few_schools")] * 2
    assert found.value_added_schools.is_empty()
    assert found.value_added_coefficients.is_empty()
    assert set(found.companions["measure"]) == {"delta_t", "delta_percentile_rank", "raw_residual_mean"}
    assert set(found.funnel["metric"]) == {"mean"}
    assert found.summary.height > 0


def test_a_model_without_candidates():
    found = run(frame([row | {"entry": "absent"} for row in city()]))
    assert set(found.value_added_models["reason"]) == {"no_outcome_variance"}
    assert found.value_added_models["n_candidates"].to_list() == [0, 0]
    assert found.transitions.is_empty()
    assert found.companions.is_empty()


def test_a_plan_without_models_comparisons_and_standings_has_empty_frames_of_the_same_shape():
    plan = replace(PLAN, models=(), comparisons=(), with_standings=False)
    found = run(frame(city()), plan=plan)
    for name in ("standings", "value_added_models", "companions", "transitions", "comparison"):
        assert found.frames()[name].is_empty(), name
        assert dict(found.frames()[name].schema) == schemas(plan)[name], name
    assert found.summary.equals(RESULT.summary)


def test_levels_may_be_fewer():
    plan = replace(PLAN, levels=(OrgLevel.SCHOOL, OrgLevel.CITY), table_levels=(OrgLevel.CITY,))
    found = run(frame(city()), plan=plan)
    assert set(found.summary["level"]) == {"city", "school"}
    assert set(found.bands["level"]) == {"city"}
    assert [name for name in found.standings.columns if name.endswith("_rank")] == [
        "school_rank",
        "school_percentile_rank",
        "city_rank",
        "city_percentile_rank",
    ]
    assert set(LEVELS) > set(plan.levels)


def test_progress_counts_partitions_and_finishing():
    seen = []
    parts = frame(city()).partition_by("school_code")
    analyze(parts, PLAN, lambda done, total: seen.append((done, total)))
    assert [done for done, _ in seen] == list(range(1, len(seen) + 1))
    assert {total for _, total in seen} == {len(seen)}
    assert len(seen) > len(parts)
    stream = []
    analyze(iter(parts), PLAN, lambda done, total: stream.append((done, total)), partition_count=len(parts))
    assert stream == seen
    analyze(iter(parts), PLAN, lambda done, total: stream.append((done, total)))
    assert stream[-1] == (len(seen), len(seen))


def test_large_partitions_are_gathered_batch_by_batch(monkeypatch):
    monkeypatch.setattr("shared.scoring.exam.BATCH_ROWS", 10)
    found = run(*frame(city()).partition_by("school_code"))
    assert all(found.frames()[name].equals(expected) for name, expected in RESULT.frames().items())


def test_sheets_may_hold_grid_units():
    units = {"math": Decimal("0.5"), "art": Decimal(1), "entry": Decimal("0.5")}
    given = frame(city()).with_columns((pl.col(code) / float(step)) for code, step in units.items())
    found = run(given, unit=MarkUnit.GRID_UNIT)
    assert found.summary.equals(RESULT.summary)


def refusal(*frames):
    with pytest.raises(DomainError) as refused:
        run(*frames)
    return refused.value.code, [(fault.code, fault.source_id, fault.value) for fault in refused.value.faults]


def test_an_exam_without_candidates_is_refused():
    assert refusal() == ("scoring.no_candidates", [])
    assert refusal(frame(city()).clear()) == ("scoring.no_candidates", [])


def test_a_candidate_in_two_sheets_is_refused():
    twice = frame(city()).head(1)
    assert refusal(frame(city()), twice) == (
        "scoring.sheet_invalid",
        [("scoring.candidate_twice", "p0-0", None)],
    )


def test_a_school_in_two_counties_is_refused():
    moved = frame([row | {"county": "k9", "id": "new"} for row in city()[-1:]])
    assert refusal(frame(city()), moved) == (
        "scoring.sheet_invalid",
        [("scoring.school_in_two_counties", None, "s5")],
    )
