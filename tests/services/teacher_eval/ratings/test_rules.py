"""Who may stand on a sheet, how many may be rated best, and what audiences come to together."""

import datetime as dt
from typing import Any

import pytest

from services.teacher_eval.ratings.rules import combined, require_over, sheet_faults
from shared.terms.errors import DomainError

ITEMS = [
    {"code": "grade", "kind": "scale", "points": 4, "top_rate": 0.25},
    {"code": "care", "kind": "scale", "points": 5},
]


def codes(*ratings: tuple[str, dict[str, Any]], rateable: str = "abcdefgh") -> list[str]:
    return [fault.code for fault in sheet_faults(ITEMS, list(ratings), rateable=set(rateable))]


def test_a_sheet_holds_those_it_may_once_each_with_an_answer() -> None:
    assert codes(("a", {"care": 5}), ("b", {"care": 5})) == []
    assert codes(("z", {"care": 5})) == ["rating.not_rateable"]
    assert codes(("a", {"care": 5}), ("a", {"care": 1})) == ["rating.twice"]
    assert codes(("a", {})) == ["rating.nothing_said"]


QUOTA = ["rating.quota"]


@pytest.mark.parametrize(
    ("people", "best", "found"), [(8, 2, []), (8, 3, QUOTA), (7, 1, []), (3, 1, []), (3, 2, QUOTA)]
)
def test_the_best_answer_goes_to_a_quota_and_to_one_at_least(people: int, best: int, found: list[str]) -> None:
    sheet = [("abcdefgh"[n], {"grade": 4 if n < best else 3}) for n in range(people)]
    assert codes(*sheet) == found


def test_a_quota_counts_those_who_were_graded() -> None:
    graded = [(name, {"grade": 4 if name in "ab" else 3}) for name in "abcdef"]
    assert codes(*graded, ("g", {"care": 5}), ("h", {"care": 5})) == ["rating.quota"]


def test_audiences_are_weighed_together() -> None:
    weights = {"peers": 2.0, "students": 1.0, "guardians": 1.0}
    full = {"peers": (80.0, 3.0), "students": (90.0, 4.0), "guardians": (70.0, 0.0)}
    value, se = combined(full, weights) or (0, 0)
    assert (value, se) == (pytest.approx(80), pytest.approx((36 + 16) ** 0.5 / 4))
    assert combined({"peers": (80.0, None)}, weights) == (80.0, None)
    assert combined({"students": (90.0, 1.0)}, weights) is None
    assert combined({}, weights) is None


def test_ratings_are_counted_after_their_last_day() -> None:
    day = dt.date(2027, 6, 1)
    require_over(day, day + dt.timedelta(days=1))
    with pytest.raises(DomainError) as caught:
        require_over(day, day)
    assert caught.value.code == "rating.still_open"
