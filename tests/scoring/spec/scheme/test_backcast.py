"""A draft over past years (docs/scoring.md §10.7)."""

import pytest

from shared.scoring.scheme.backcast import PastYear, backcast
from shared.scoring.scheme.evaluation import evaluate
from tests.scoring.scheme_builders import branch, leaf, scheme, schools, values_of

OLD = scheme(branch("A1", 1, leaf("a")), branch("A2", 1, leaf("b")))
DRAFT = scheme(branch("A1", 3, leaf("a")), branch("A2", 1, leaf("b"), leaf("new")))
UNITS, VALUES = schools(3), values_of(a=[90.0, 60.0, 80.0], b=[70.0, 80.0, 80.0])


@pytest.fixture(scope="module")
def found():
    years = [
        PastYear(year="2024-2025", units=UNITS, values=VALUES, published=evaluate(OLD, UNITS, VALUES)),
        PastYear(year="2025-2026", units=UNITS, values=VALUES.with_columns(new=50.0)),
    ]
    return backcast(DRAFT, years, against=OLD)


def test_movement_of_totals_grades_and_ranks(found):
    first = found.movement.filter(year="2024-2025")
    assert first["total_before"].to_list() == [(90 + 70) / 2, (60 + 80) / 2, 80]
    assert first["total_after"].to_list() == [(3 * 90 + 70) / 4, (3 * 60 + 80) / 4, 80]
    assert first["total_change"].to_list() == [5, -5, 0]
    assert first["grade_change"].to_list() == [0, 0, 0]
    assert first["rank_before"].to_list() == [1, 3, 1]
    assert first["rank_after"].to_list() == [1, 3, 2]
    assert first["rank_change"].to_list() == [0, 0, -1]


def test_a_year_without_a_published_result_is_judged_by_the_other_scheme(found):
    second = found.movement.filter(year="2025-2026")
    assert second["total_after"].to_list() == [(3 * 90 + 60) / 4, (3 * 60 + 65) / 4, (3 * 80 + 65) / 4]
    assert second["grade_before"].to_list() == ["B", "C", "B"]
    assert second["grade_after"].to_list() == ["B", "C", "C"]
    assert second["grade_change"].to_list() == [0, 0, -1]
    assert found.grades.filter(year="2025-2026").rows() == [
        ("2025-2026", "B", "B", 1),
        ("2025-2026", "B", "C", 1),
        ("2025-2026", "C", "C", 1),
    ]


def test_what_moved_a_unit(found):
    second = found.drivers.filter(year="2025-2026", unit_code="s00")
    # a: 45 → 67.5; b: 35 → 8.75; new: 0 → 6.25
    assert second.select("order", "node", "points_change").rows() == [
        (1, "b", -26.25),
        (2, "a", 22.5),
        (3, "new", 6.25),
    ]


def test_the_summary_counts_and_names_leaves_nobody_had(found):
    first, second = found.summary.rows(named=True)
    assert (first["unit_count"], first["compared_count"], first["same_count"]) == (3, 3, 3)
    assert (first["mean_change"], first["mean_absolute_change"]) == pytest.approx((0, 10 / 3))
    assert (first["largest_rise"], first["largest_fall"]) == (5, -5)
    assert (first["leaf_count"], first["without_values"]) == (3, ["new"])
    assert second["without_values"] == []
    assert (second["worse_count"], second["largest_rise"]) == (1, 2.5)
    # ranks before 1½ 3 1½, after 1 3 2 → Pearson of (2.5, 1, 2.5) and (3, 1, 2)
    assert first["rank_correlation"] == pytest.approx(1.5 / (1.5 * 2) ** 0.5)


def test_a_year_with_nothing_to_compare_with():
    found = backcast(DRAFT, [PastYear(year="2023-2024", units=UNITS, values=VALUES)])
    assert found.movement["total_before"].to_list() == [None] * 3
    assert found.movement["total_after"].to_list() == [85, 65, 80]
    assert found.drivers.is_empty()
    assert found.summary["compared_count"].to_list() == [0]


def test_grades_of_another_kind_are_not_counted_in_steps():
    other = scheme(*OLD.children, grades=tuple(OLD.grades[:1]) + tuple(OLD.grades[3:]))
    found = backcast(other, [PastYear(year="2023-2024", units=UNITS, values=VALUES)], against=OLD)
    assert found.movement["grade_after"].to_list() == ["D", "D", "D"]
    assert found.movement["grade_change"].to_list() == [None] * 3


def test_no_year():
    with pytest.raises(ValueError, match="year"):
        backcast(DRAFT, [])
