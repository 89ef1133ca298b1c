"""Balance of a candidate's subjects (docs/scoring.md §6.1)."""

from decimal import Decimal
from math import sqrt

import polars as pl
import pytest

from shared.scoring.balance import candidate_balance, subject_balance, weak_counts, weak_rates
from shared.scoring.plan import AnalysisPlan
from shared.scoring.subjects import Subject
from shared.scoring.summaries.exam_summary import gather_summary
from shared.terms.organization import OrgLevel
from tests.scoring.builders import sheet

CODES = ("math", "art", "music")
PLAN = AnalysisPlan(outcomes=tuple(Subject(code, full_mark=Decimal(10)) for code in CODES))


def rows_of(*marks, **keys):
    return [dict(zip(CODES, row, strict=True)) | keys for row in marks]


def balance_of(rows, **options):
    checked = sheet(rows, PLAN)
    histograms = gather_summary(checked, PLAN).histograms
    return subject_balance(checked, {code: histograms[code] for code in CODES}, **options)


# Each subject: marks 4 and 6, mean 5, sd 1; T is 40 or 60.
ROWS = rows_of((6, 6, 4), (4, 4, 6))


def test_the_deviation_is_t_minus_the_candidates_mean_t():
    found = balance_of(ROWS).filter(candidate_id="c0000")
    mean = (60 + 60 + 40) / 3
    assert found["subject"].to_list() == list(CODES)
    assert found["t_score"].to_list() == [60, 60, 40]
    assert found["deviation"].to_list() == [60 - mean, 60 - mean, 40 - mean]
    assert found["is_weak"].to_list() == [False, False, True]


def test_the_threshold_itself_is_weak():
    # Two subjects, T 40 and 60: deviations ± 10.
    rows = rows_of((6, 4, "absent"), (4, 6, "absent"))
    assert balance_of(rows, weak_at=-10)["is_weak"].sum() == 2
    assert balance_of(rows, weak_at=-10.5)["is_weak"].sum() == 0


def test_the_default_threshold_is_seven_and_a_half():
    # Music: T 40 for one, 60 for the other; equal elsewhere: deviations −20/3 are not weak.
    assert balance_of(rows_of((5, 5, 4), (5, 5, 6)))["is_weak"].sum() == 0


def test_the_standard_error_adds_the_papers_errors_of_measurement():
    found = balance_of(ROWS, reliability={"math": 0.9, "art": 0.8, "music": 0.7}).filter(candidate_id="c0000")
    expected = 10 * sqrt((2 / 3) ** 2 * 0.1 + (0.2 + 0.3) / 9)
    assert found["deviation_se"][0] == pytest.approx(expected, rel=1e-14)
    unknown = balance_of(ROWS, reliability={"math": 0.9, "art": 0.8})
    assert unknown["deviation_se"].null_count() == unknown.height


def test_only_the_papers_sat_need_a_reliability():
    rows = rows_of((6, 4, "exempt"), (4, 6, "exempt"))
    found = balance_of(rows, reliability={"math": 0.9, "art": 0.8})
    assert found["deviation_se"].to_list() == pytest.approx([10 * sqrt(0.25 * 0.1 + 0.25 * 0.2)] * 4)


def test_one_subject_has_no_balance_and_none_no_row():
    found = balance_of(rows_of((6, "absent", "void"), (4, "absent", "absent"), ("absent", "absent", "absent")))
    assert found.select("candidate_id", "t_score", "deviation", "is_weak").rows() == [
        ("c0000", 60, None, None),
        ("c0001", 40, None, None),
    ]
    candidates = candidate_balance(found)
    assert candidates.select("n_subjects", "mean_t", "sd_t", "range_t", "weak_count", "weakest_subject").rows() == [
        (1, 60, None, None, 0, None),
        (1, 40, None, None, 0, None),
    ]


def test_equal_marks_of_all_leave_nobody_weak():
    found = balance_of(rows_of((5, 5, 5), (5, 5, 5)))
    assert found["t_score"].to_list() == [50] * 6
    assert found["deviation"].to_list() == [0] * 6


def test_the_candidates_row_names_spread_and_weakest():
    found = candidate_balance(balance_of(ROWS, reliability=dict.fromkeys(CODES, 0.9))).row(0, named=True)
    assert found["n_subjects"] == 3
    assert found["sd_t"] == pytest.approx(sqrt(((60 - 160 / 3) ** 2 * 2 + (40 - 160 / 3) ** 2) / 2))
    assert (found["range_t"], found["weak_count"], found["weakest_subject"]) == (20, 1, "music")
    assert found["weakest_deviation"] == 40 - 160 / 3
    assert found["weakest_deviation_se"] == pytest.approx(10 * sqrt(0.1 * (1 - 1 / 3)))


def test_of_equally_weak_subjects_the_first_is_named():
    assert candidate_balance(balance_of(ROWS))["weakest_subject"][1] == "math"


def test_t_may_be_taken_over_county_or_school():
    rows = [*rows_of((6, 6, 4), (4, 4, 6), school="s1"), *rows_of((9, 9, 9), (8, 8, 8), school="s2")]
    found = balance_of(rows, level=OrgLevel.SCHOOL)
    assert found.filter(candidate_id="c0000")["t_score"].to_list() == [60, 60, 40]


def test_nobody_at_all():
    nobody = balance_of(rows_of(("absent", "absent", "absent")))
    assert nobody.is_empty()
    assert candidate_balance(nobody).is_empty()
    assert weak_rates(weak_counts(nobody), level=OrgLevel.CITY).is_empty()


def test_the_share_of_weak_candidates_per_group():
    rows = [*rows_of((6, 6, 4), (6, 6, 4), school="s1"), *rows_of((4, 4, 6), (4, 4, 6), (5, "absent", "absent"))]
    found = weak_rates(weak_counts(balance_of(rows)), level=OrgLevel.SCHOOL, min_n=3).filter(subject="music")
    assert found.select("school_code", "n", "weak_count", "weak_rate", "suppressed").rows() == [
        ("s1", 4, 2, 0.5, False)
    ]
    city = weak_rates(weak_counts(balance_of(rows)), level=OrgLevel.CITY, min_n=5).filter(subject="music")
    assert city["weak_rate_se"].to_list() == [sqrt(0.25 / 4)]
    assert city["suppression"].to_list() == ["primary"]
    assert city["weak_rate_ci_low"][0] < 0.5 < city["weak_rate_ci_high"][0]


def test_columns_are_typed_even_without_rows():
    assert balance_of(rows_of(("absent", "absent", "absent"))).schema["is_weak"] == pl.Boolean
