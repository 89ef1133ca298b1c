"""Low scores, absence, enrollment and knowledge points (docs/scoring.md §14.2–14.4)."""

from decimal import Decimal

import polars as pl
import pytest
from scipy.special import ndtri

from shared.scoring.early_warnings.attainment_gap import attainment_gap
from shared.scoring.early_warnings.base import ENROLLMENT, ExamFigures
from shared.scoring.early_warnings.low_score_rate import low_score_rate
from shared.scoring.early_warnings.participation import enrollment_participation, participation_gap
from shared.scoring.exam import analyze
from shared.scoring.plan import AnalysisPlan, ComparisonAttribute, CompositeWeight, Rate
from tests.scoring.builders import HUNDRED, sheet_frame

PLAN = AnalysisPlan(outcomes=(HUNDRED,), comparisons=(ComparisonAttribute("place"),))


def exam(
    schools: dict[str, list[object]], *, plan: AnalysisPlan = PLAN, place: dict[str, str] | None = None
) -> ExamFigures:
    """Figures of an exam from the marks of its schools; ``place`` is the attribute they are compared by."""
    rows = [
        {"math": mark, "school": school, "place": (place or {}).get(school, "town")}
        for school, marks in schools.items()
        for mark in marks
    ]
    attributes = [attribute.code for attribute in plan.comparisons]
    frames = analyze([sheet_frame(rows, attributes=attributes)], plan, lambda *_: None).frames()
    return ExamFigures(school_year="2026-2027", plan=plan, frames=frames)


def school(low: int, others: int, absent: int = 0) -> list[object]:
    """Marks of a school: so many below 40, so many that pass, so many absent."""
    return [20] * low + [70] * others + ["absent"] * absent


FIVE = {name: school(4, 16) for name in "abcde"}


def test_a_low_score_rate_is_found_when_above_the_threshold_and_wholly_above_comparable_schools():
    figures = exam(FIVE | {"f": school(14, 6)})
    (row,) = low_score_rate(figures, (), {"threshold": 0.3}).iter_rows(named=True)
    assert (row["school_code"], row["subject"], row["n"]) == ("f", "math", 20)
    assert row["value"] == 0.7
    # The group's mean counts every school once: (5 · 0.2 + 0.7) / 6.
    assert row["reference"] == pytest.approx(1.7 / 6)
    assert row["ci_low"] > row["reference"]
    assert [(point["label"], point["n"]) for point in row["series"]] == [("place=town", 6)]
    assert low_score_rate(figures, (), {"threshold": 0.71}).is_empty()


def test_a_high_rate_that_comparable_schools_share_is_no_warning():
    figures = exam({name: school(12, 8) for name in "abcdef"})
    assert low_score_rate(figures, (), {"threshold": 0.3}).is_empty()


def test_every_comparison_group_must_lie_below():
    places = dict.fromkeys("fghij", "village")
    village = {name: school(12, 8) for name in "ghij"}
    figures = exam(FIVE | village | {"f": school(14, 6)}, place=places)
    assert low_score_rate(figures, (), {"threshold": 0.3}).is_empty()


def test_without_comparison_groups_the_whole_area_is_the_reference_if_enough_schools_are_in_it():
    plan = AnalysisPlan(outcomes=(HUNDRED,))
    (row,) = low_score_rate(exam(FIVE | {"f": school(14, 6)}, plan=plan), (), {"threshold": 0.3}).iter_rows(named=True)
    assert row["reference"] == pytest.approx(34 / 120)
    assert row["series"] == [
        {"label": "area", "n": 6, "value": pytest.approx(34 / 120)}
        | dict.fromkeys(("se", "ci_low", "ci_high", "reference"))
    ]
    few = exam({"a": school(4, 16), "f": school(14, 6)}, plan=plan)
    assert low_score_rate(few, (), {"threshold": 0.3}).is_empty()


def test_small_schools_and_exams_without_the_rate_are_left_alone():
    assert low_score_rate(exam(FIVE | {"f": school(8, 0)}), (), {"threshold": 0.3}).is_empty()
    plan = AnalysisPlan(
        outcomes=(HUNDRED,),
        rates=(Rate("excellent", Decimal("0.85")),),
        composite=(CompositeWeight("score_rate", Decimal(1)),),
    )
    bare = ExamFigures(school_year="2026-2027", plan=plan, frames={})
    assert low_score_rate(bare, (), {"threshold": 0.3}).is_empty()
    assert participation_gap(bare, (), {"threshold": 0.05}).is_empty()
    assert low_score_rate(
        exam(
            FIVE,
            plan=AnalysisPlan(
                outcomes=(HUNDRED,), rates=plan.rates, composite=(CompositeWeight("score_rate", Decimal(1)),)
            ),
        ),
        (),
        {"threshold": 0.3},
    ).is_empty()


def test_absence_that_raises_the_pass_rate_is_found_where_it_is_unusual():
    figures = exam({name: school(4, 15, 1) for name in "abcde"} | {"f": school(0, 12, 8)})
    (row,) = participation_gap(figures, (), {"threshold": 0.05}).iter_rows(named=True)
    assert (row["school_code"], row["n"]) == ("f", 20)
    # All twelve who sat passed: 1 on those who sat, 12 of 20 on all registered.
    assert row["value"] == pytest.approx(1 - 12 / 20)
    (point,) = row["series"]
    assert (point["value"], point["n"]) == (0.6, 20)
    assert point["reference"] == pytest.approx(107 / 120)
    assert point["ci_high"] < point["reference"]
    everywhere = exam({name: school(0, 12, 8) for name in "abcdef"})
    assert participation_gap(everywhere, (), {"threshold": 0.05}).is_empty()


def test_among_few_schools_absence_is_judged_by_the_threshold_alone():
    found = participation_gap(exam({"a": school(0, 12, 8), "b": school(0, 20)}), (), {"threshold": 0.3})
    assert found["school_code"].to_list() == ["a"]


def enrolled(**counts: int) -> pl.DataFrame:
    names = list(counts)
    return pl.DataFrame({"county_code": "k1", "school_code": names, "enrolled": list(counts.values())})


def test_fewer_pupils_than_are_enrolled():
    figures = exam({"a": school(0, 19, 1), "b": school(0, 15)})
    rows = enrolled(a=20, b=20, c=20)
    given = ExamFigures(school_year="2026-2027", plan=PLAN, frames={**figures.frames, ENROLLMENT: rows})
    (row,) = enrollment_participation(given, (), {"least": 0.95}).iter_rows(named=True)
    assert (row["school_code"], row["subject"], row["n"]) == ("b", "", 20)
    assert (row["value"], row["reference"], row["series"][0]["n"]) == (0.75, 0.95, 15)
    assert row["ci_low"] < 0.75 < row["ci_high"]
    assert enrollment_participation(figures, (), {"least": 0.95}).is_empty()  # enrollment unknown
    tiny = {**figures.frames, ENROLLMENT: enrolled(b=9)}
    assert enrollment_participation(
        ExamFigures(school_year="2026-2027", plan=PLAN, frames=tiny), (), {"least": 0.95}
    ).is_empty()


def attainment(*rows: tuple[str, str, float, float]) -> ExamFigures:
    """Gaps by school and knowledge point, with their errors."""
    frame = pl.DataFrame(
        [
            ("school", "k1", school, None, "math", "knowledge_point", point, False, 40, gap, se, gap - 2 * se, gap + 2 * se)
            for school, point, gap, se in rows
        ],
        schema=["level", "county_code", "school_code", "class_code", "subject", "aspect", "aspect_code", "suppressed",
                "n_sat", "gap", "gap_se", "gap_ci_low", "gap_ci_high"],
        orient="row",
    )  # fmt: skip
    return ExamFigures(school_year="2026-2027", plan=PLAN, frames={"item_attainment": frame})


def test_gaps_must_be_wide_and_beyond_chance_over_all_looks():
    rate = {"threshold": 0.1, "false_alarm_rate": 0.01}
    limit = float(-ndtri(0.01 / 5))
    figures = attainment(
        ("a", "angles", -0.2, 0.02),
        ("a", "circles", -0.3, 0.03),
        ("b", "angles", -0.2, 0.2 / (limit - 0.01)),  # within chance among five looks
        ("c", "angles", -0.09, 0.001),  # narrow
        ("d", "angles", 0.3, 0.01),
    )
    (row,) = attainment_gap(figures, (), rate).iter_rows(named=True)
    assert (row["school_code"], row["subject"], row["value"], row["se"]) == ("a", "math", -0.3, 0.03)
    assert [point["label"] for point in row["series"]] == ["circles", "angles"]
    one = attainment(("b", "angles", -0.2, 0.2 / (limit - 0.01)))
    assert attainment_gap(one, (), rate)["school_code"].to_list() == ["b"]
    assert attainment_gap(exam(FIVE), (), rate).is_empty()
