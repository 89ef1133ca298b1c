"""Progress between two exams (docs/scoring.md §6.2)."""

from decimal import Decimal
from math import sqrt

import polars as pl
import pytest
from scipy.stats import t as student

from shared.scoring.plan import AnalysisPlan
from shared.scoring.progress import candidate_progress, gather_progress, group_progress, mark_pairs
from shared.scoring.subjects import Subject
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel
from tests.scoring.builders import math_rows, sheet

BEFORE = AnalysisPlan(outcomes=(Subject("math", full_mark=Decimal(100)),))
AFTER = AnalysisPlan(outcomes=(Subject("math", full_mark=Decimal(120), step=Decimal(1)),))
GRIDS = {code: (BEFORE.subject(code), AFTER.subject(code)) for code in ("math", "total")}


def pairs_of(before, after, *, links=None):
    return mark_pairs(sheet(before, BEFORE), sheet(after, AFTER), subjects=["math", "total"], links=links)


def candidates(before, after, **options):
    pairs = pairs_of(before, after)
    return candidate_progress(pairs, gather_progress(pairs, GRIDS), **options).filter(subject="math")


def groups(before, after, **options):
    return group_progress(gather_progress(pairs_of(before, after), GRIDS), **options).filter(subject="math")


def test_t_is_taken_over_the_candidates_of_both_exams():
    # The 90 before is missing after; of the others: before 40 and 60 → T 40, 60; after 70, 50 → T 60, 40.
    found = candidates(math_rows(40, 60, 90), math_rows(70, 50, "absent"))
    assert found.select("candidate_id", "t_before", "t_after", "delta_t").rows() == [
        ("c0000", 40, 60, 20),
        ("c0001", 60, 40, -20),
    ]


def test_the_percentile_rank_too():
    found = candidates(math_rows(40, 60, 60), math_rows(70, 50, 50))
    before = [100 * 0.5 / 3, 100 * 2 / 3, 100 * 2 / 3]
    after = [100 * 2.5 / 3, 100 * 1 / 3, 100 * 1 / 3]
    assert found["percentile_rank_before"].to_list() == pytest.approx(before)
    assert found["percentile_rank_after"].to_list() == pytest.approx(after)
    assert found["delta_percentile_rank"].to_list() == pytest.approx(
        [late - early for early, late in zip(before, after, strict=True)]
    )


def test_the_total_has_its_progress():
    pairs = pairs_of(math_rows(40, 60), math_rows(70, 50))
    found = candidate_progress(pairs, gather_progress(pairs, GRIDS)).filter(subject="total")
    assert found["delta_t"].to_list() == [20, -20]


def test_the_error_of_measurement_of_both_papers():
    found = candidates(math_rows(40, 60), math_rows(70, 50), reliability={"math": (0.9, 0.84)})
    assert found["delta_t_se"].to_list() == pytest.approx([10 * sqrt(0.1 + 0.16)] * 2)
    assert candidates(math_rows(40, 60), math_rows(70, 50))["delta_t_se"].null_count() == 2


def test_equal_marks_of_all_stay_at_fifty():
    found = candidates(math_rows(40, 40), math_rows(70, 50))
    assert found["t_before"].to_list() == [50, 50]
    assert found["delta_t"].to_list() == [10, -10]


def test_numbers_of_the_two_exams_are_linked():
    links = pl.DataFrame({"before": ["c0001", "c0000", "gone"], "after": ["c0000", "c0001", "c0009"]})
    pairs = pairs_of(math_rows(40, 60), math_rows(70, 50), links=links)["math"]
    assert pairs.select("candidate_id", "before", "after").rows() == [("c0000", 120, 70), ("c0001", 80, 50)]
    twice = pl.DataFrame({"before": ["c0001", "c0001"], "after": ["c0000", "c0001"]})
    with pytest.raises(DomainError) as refused:
        pairs_of(math_rows(40, 60), math_rows(70, 50), links=twice)
    assert refused.value.code == "scoring.links_ambiguous"


def test_the_group_is_that_of_the_later_exam():
    found = groups(math_rows(40, 60, school="old"), math_rows(70, 50, school="new"), levels=[OrgLevel.SCHOOL])
    assert found["school_code"].unique().to_list() == ["new"]


def test_a_groups_mean_its_standard_error_and_interval():
    before = [*math_rows(40, 60, 60, school="s1"), *math_rows(40, school="s2")]
    before = [row | {"id": f"p{number}"} for number, row in enumerate(before)]
    after = [row | {"math": mark} for row, mark in zip(before, (70, 50, 70, 50), strict=True)]
    # T before 40 60 60 40, after 60 40 60 40.
    school = groups(before, after).filter(level="school", school_code="s1", measure="delta_t").row(0, named=True)
    mean = (20 - 20 + 0) / 3
    sd = sqrt((20**2 + 20**2) / 2)
    margin = student.ppf(0.975, 2) * sd / sqrt(3)
    assert (school["n"], school["mean"]) == (3, mean)
    assert (school["sd"], school["se"]) == pytest.approx((sd, sd / sqrt(3)))
    assert (school["ci_low"], school["ci_high"]) == pytest.approx((mean - margin, mean + margin))


def test_one_candidate_has_a_mean_without_a_standard_error():
    found = groups(math_rows(40), math_rows(70), levels=[OrgLevel.CITY]).filter(measure="delta_t")
    assert found.select("n", "mean", "sd", "se", "ci_low", "suppression").row(0) == (1, 0, None, None, None, "primary")


def test_nobody_in_both_exams():
    assert candidates(math_rows("absent"), math_rows(70)).is_empty()
    assert groups(math_rows("absent"), math_rows(70)).is_empty()


def test_a_pair_that_was_never_counted_is_refused():
    summary = gather_progress(pairs_of(math_rows(40, 60), math_rows(70, 50)), GRIDS)
    for stranger in ((41, 70), (40, 71)):
        with pytest.raises(DomainError) as refused:
            candidate_progress(pairs_of(math_rows(stranger[0]), math_rows(stranger[1])), summary)
        assert refused.value.code == "scoring.unknown_mark"
