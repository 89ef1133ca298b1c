"""A city is the same for a seed however it is cut, has the shape asked for, and its truth is its truth."""

from __future__ import annotations

import json
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from shared.scoring.frame import MarkUnit, check_sheet
from shared.scoring.items.frame import check_item_sheet
from shared.scoring.items.plan import Item, ItemPlan
from shared.scoring.plan import AnalysisPlan
from shared.scoring.subjects import Subject
from shared.terms.regions import regions
from tools.synthetic_city import CitySettings, build_city
from tools.synthetic_city.__main__ import main
from tools.synthetic_city.anomalies import INFLATION_SHARE
from tools.synthetic_city.items import OPTIONS, item_table
from tools.synthetic_city.pupils import enrollments
from tools.synthetic_city.streams import apportion
from tools.synthetic_city.truth import anomalies, parameters, school_effects

EXAMS = ("entry", "midyear", "exit")


def everything(city, chunk_pupils):
    """All frames of pupils, whole."""
    frames = {}
    for chunk in city.chunks(chunk_pupils):
        students = chunk.students()
        parts = {"students": students, "items": chunk.item_sheet()}
        parts["enrollments"] = enrollments(chunk.pupils, students["student_number"], city.schools)
        for exam in EXAMS:
            parts[exam] = chunk.import_sheet(exam, students["student_number"])
            parts[f"{exam}.scoring"] = chunk.scoring_sheet(exam)
        for name, frame in parts.items():
            frames.setdefault(name, []).append(frame)
    return {name: pl.concat(parts) for name, parts in frames.items()}


def test_cutting_changes_nothing(city):
    whole = everything(city, 10**9)
    # Enrollments of a run are ordered by year first.
    order = ["student_number", "school_year"]
    for chunk_pupils in (1, 700):
        cut = everything(city, chunk_pupils)
        for name, frame in whole.items():
            found = cut[name]
            if name == "enrollments":
                frame, found = frame.sort(order), found.sort(order)
            assert found.equals(frame), name
    again = everything(build_city(city.settings), 2_000)
    assert all(again[name].sort(pl.all()).equals(frame.sort(pl.all())) for name, frame in whole.items())


def test_another_seed_is_another_city(city):
    other = build_city(CitySettings(schools=60, pupils=9_000, seed=4))
    assert not other.scoring_sheet("exit").equals(city.scoring_sheet("exit"))


@pytest.mark.parametrize(("schools", "pupils"), [(30, 900), (60, 9_000), (2_148, 1_473_000)])
def test_shape_is_as_asked(schools, pupils):
    city = build_city(CitySettings(schools=schools, pupils=pupils, with_anomalies=False))
    assert city.schools.height == city.schools["school_code"].n_unique() == schools
    assert city.grades["n"].sum() == city.classes["n"].sum() == pupils
    assert city.grades["n"].min() >= 1
    counties = {region.code for region in regions(include_test=False) if region.parent}
    assert set(city.schools["county_code"]) == counties
    each = city.grades.join(city.schools.with_row_index("school").select("school", "county_code"), on="school")
    assert each.group_by("county_code", "stage").len().height == 3 * len(counties)
    per_stage = city.grades.group_by("stage").agg(pl.col("n").sum()).sort("stage")["n"]
    assert (per_stage / pupils).to_list() == pytest.approx([867 / 1473, 402 / 1473, 204 / 1473], abs=0.001)
    assert city.classes["n"].min() >= 1
    assert city.classes["n"].max() <= 55
    if schools > 2_000:
        stages = city.schools["stage"].value_counts().sort("stage")["count"]
        assert stages.to_list() == [1673, 391, 84]
        size = city.grades.group_by("school").agg(pl.col("n").sum())["n"]
        assert size.median() < 0.7 * size.mean()


def test_classes_hold_the_pupils_that_the_class_table_says(city, whole):
    counted = np.bincount(whole.pupils.class_row, minlength=city.classes.height)
    assert counted.tolist() == city.classes["n"].to_list()


def test_last_year_was_a_year_lower_in_the_same_county(city, whole):
    pupils = whole.pupils
    here = pupils.was_here
    county = city.schools["county_code"].to_numpy()
    assert (county[pupils.last_school[here]] == county[pupils.school[here]]).all()
    assert not here[pupils.grade_level == 1].any()
    has = city.roll.class_count[pupils.last_school[here], pupils.grade_level[here] - 1]
    assert (pupils.last_class[here] <= has).all()
    inside = here & ~np.isin(pupils.grade_level, (7, 10))
    moved = (pupils.last_school != pupils.school)[inside].mean()
    assert 0.005 < moved < 0.03
    assert 0.005 < pupils.is_leaver.mean() < 0.015


def test_sheets_keep_the_grid_and_the_statuses(city):
    outcomes = city.settings.subjects
    plan = AnalysisPlan(
        outcomes=outcomes,
        intakes=tuple(Subject(entry.code + "_intake", entry.full_mark, entry.step) for entry in outcomes),
    )
    sheet = city.scoring_sheet("exit")
    checked = check_sheet(sheet, plan, unit=MarkUnit.GRID_UNIT).frame
    assert checked.height == sheet.height == sheet["candidate_id"].n_unique()
    for subject in outcomes:
        codes = checked[subject.code]
        assert codes.max() <= subject.full_units
        assert 0.005 < (codes == -1).mean() < 0.04
        assert (codes.filter(codes >= 0).mean() / subject.full_units) == pytest.approx(0.58, abs=0.03)


def test_later_exams_bring_along_the_marks_of_the_one_before(city):
    before, after = city.scoring_sheet("midyear"), city.scoring_sheet("exit")
    key = pl.col("candidate_id").str.slice(1).alias("place")
    both = after.select(key, "math_intake").join(before.select(key, pl.col("math").alias("math_before")), on="place")
    assert both.height == after.height
    assert both["math_intake"].equals(both["math_before"].alias("math_intake"))


def test_entry_was_sat_where_pupils_were_last_year(city, whole, students):
    sheet = whole.import_sheet("entry", students["student_number"], grade_level=6)
    before = enrollments(whole.pupils, students["student_number"], city.schools).filter(school_year="2024-2025")
    both = sheet.join(before, left_on="student_id", right_on="student_number")
    assert both.height == sheet.height > 0
    assert (both["school_code"] == both["school_code_right"]).all()
    assert (both["class_code"] == both["class_code_right"]).all()
    assert set(both["grade_level"]) == {6}


def test_sheets_by_grade_add_up_and_leave_the_pupils_alone(whole, students):
    for exam in EXAMS:
        everyone = whole.import_sheet(exam, students["student_number"])
        by_grade = [whole.import_sheet(exam, students["student_number"], grade_level=grade) for grade in range(1, 13)]
        assert pl.concat(by_grade).sort("candidate_id").equals(everyone.sort("candidate_id"))
        assert whole.import_sheet(exam, students["student_number"]).equals(everyone)


def test_planted_inflation_is_exactly_what_the_truth_says():
    with_them = build_city(CitySettings(schools=60, pupils=9_000, seed=3))
    without = build_city(CitySettings(schools=60, pupils=9_000, seed=3, with_anomalies=False))
    assert anomalies(without) == []
    planted = {entry["kind"]: entry for entry in anomalies(with_them)}
    keys = ["candidate_id", "school_code"]
    both = with_them.scoring_sheet("exit").join(without.scoring_sheet("exit"), on=keys, suffix="_honest")
    school, line = planted["mark_inflation"]["school_code"], planted["pass_line_heaping"]["school_code"]
    raised = both.with_columns(pl.col("math") - pl.col("math_honest"))
    assert set(raised.filter(pl.col("school_code") != school)["math"].drop_nulls()) == {0}
    inside = raised.filter(pl.col("school_code") == school, pl.col("math_honest").is_between(10, 240))["math"]
    assert set(inside.drop_nulls()) == {int(INFLATION_SHARE * 300)}
    lifted = both.filter(pl.col("chinese").ne_missing(pl.col("chinese_honest")))
    assert set(lifted["school_code"]) == {line}
    assert set(lifted["chinese"].drop_nulls()) == {180}


def test_true_effects_are_those_in_the_marks(city):
    truth = school_effects(city)
    assert truth.height == 2 * 9 * 60
    row = truth.filter(exam="exit", subject="physics")
    assert row["effect"].to_list() == pytest.approx(list(90 * city.effects.schools[2, 3]))
    one = city.classes.with_columns(effect=90 * city.effects.classes[2, 3]).filter(school=0)
    assert row["class_effect_mean"][0] == pytest.approx((one["effect"] * one["n"]).sum() / one["n"].sum())
    assert row["realized_effect"].to_list() == pytest.approx((row["effect"] + row["class_effect_mean"]).to_list())
    told = parameters(city)
    assert (told["seed"], told["in_marks"]["physics"]["tau"]) == (3, pytest.approx(2.7))


def test_items_follow_their_parameters(city, whole):
    rows, answers = whole.responses()
    ability = whole.marks.ability[rows]
    for position, item in enumerate(city.items):
        if item.right_option is not None:
            expected = 1 / (1 + np.exp(-item.discrimination * (ability - item.difficulties[0])))
            seen = answers.options[position] == item.right_option
        else:
            steps = np.cumsum(item.discrimination * (ability[:, None] - np.array(item.difficulties)), axis=1)
            weights = np.exp(np.column_stack([np.zeros(len(ability)), steps]))
            expected = weights @ np.arange(item.full_mark + 1) / weights.sum(axis=1)
            seen = answers.marks[position]
        error = seen.std() / np.sqrt(len(seen))
        assert abs(seen.mean() - expected.mean()) < 4 * error, item.code


def test_item_sheet_is_what_the_item_analysis_takes(city, whole):
    items = tuple(
        Item(item.code, Decimal(item.full_mark), options=OPTIONS, key=OPTIONS[item.key])
        if item.key is not None
        else Item(item.code, Decimal(item.full_mark))
        for item in city.items
    )
    sheet = whole.item_sheet()
    assert check_item_sheet(sheet, ItemPlan(subject="math", items=items)).frame.height == sheet.height
    table = item_table(city.items)
    bad = table.filter(pl.col("key") != pl.col("right_option"))["item"].to_list()
    assert bad == [entry["item"] for entry in anomalies(city) if entry["kind"] == "bad_key"]


@pytest.mark.parametrize(
    "wrong",
    [{"schools": 29}, {"pupils": 1_000}, {"exams": ()}, {"item_subject": "latin"}],
    ids=["few schools", "few pupils", "no exams", "no such subject"],
)
def test_impossible_cities_are_refused(wrong):
    with pytest.raises(ValueError, match=r"."):
        CitySettings(**({"schools": 60, "pupils": 9_000} | wrong))


def test_a_city_too_small_for_anomalies_says_so():
    with pytest.raises(ValueError, match="anomalies"):
        build_city(CitySettings(schools=30, pupils=900))


def test_shares_add_up_and_keep_the_minimum():
    assert apportion(np.array([1.0, 1.0, 2.0]), 10, minimum=1).tolist() == [3, 3, 4]
    assert apportion(np.array([0.0, 5.0]), 7, minimum=2).tolist() == [2, 5]
    assert apportion(np.array([1.0, 1.0, 1.0]), 4, minimum=0).tolist() == [2, 1, 1]
    with pytest.raises(ValueError, match="shared"):
        apportion(np.array([1.0, 1.0]), 3, minimum=2)


def test_command_writes_everything(tmp_path, capsys):
    main(["--schools", "60", "--pupils", "9000", "--seed", "3", "--out", str(tmp_path), "--chunk-pupils", "5000"])
    assert "60 schools, 9000 pupils" in capsys.readouterr().out
    students = pl.read_parquet(tmp_path / "roster/students/*.parquet")
    assert students.height == 9_000
    assert len(list((tmp_path / "roster/students").iterdir())) == 2
    assert json.loads((tmp_path / "truth/parameters.json").read_text("utf-8"))["seed"] == 3
    kinds = [entry["kind"] for entry in json.loads((tmp_path / "truth/anomalies.json").read_text("utf-8"))]
    assert kinds == ["bad_key", "copied_answers", "mark_inflation", "pass_line_heaping"]
    for name in ("truth/school_effects.parquet", "truth/items.parquet", "roster/staff.parquet"):
        assert pl.read_parquet(tmp_path / name).height > 0
    with pytest.raises(SystemExit, match="at least 30"):
        main(["--schools", "5", "--out", str(tmp_path)])
