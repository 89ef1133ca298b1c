"""Proposals of grades: seats within the quota, ties told and never split, the cap of conduct before the quota."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.teacher_eval.grading.rules import Candidate, Note, needs_reason, proposals, school_quota, seats_by_group
from shared.policy.annual_assessment import AnnualGrade, LeastTotals, Rounding, quota_count

LEAST = LeastTotals(Decimal(60), Decimal(50))
BEST, GOOD, BASIC, FAILED = AnnualGrade


def candidate(key: str, total: str | None, group: str = "teacher", cap: AnnualGrade | None = None) -> Candidate:
    return Candidate(key, group, None if total is None else Decimal(total), cap)


@pytest.mark.parametrize(
    ("base", "rate", "rounding", "seats"),
    [
        (46, "0.20", Rounding.FLOOR, 9),
        (46, "0.20", Rounding.HALF_UP, 9),
        (46, "0.20", Rounding.CEILING, 10),
        (4, "0.20", Rounding.FLOOR, 0),
        (10, "0.25", Rounding.FLOOR, 2),
        (10, "0.25", Rounding.HALF_UP, 3),
        (0, "0.20", Rounding.FLOOR, 0),
    ],
)
def test_the_quota_is_a_share_of_those_who_take_part(base: int, rate: str, rounding: Rounding, seats: int) -> None:
    assert quota_count(base, Decimal(rate), rounding) == seats
    assert school_quota(base, rate=Decimal(rate), rounding=rounding).seats == seats


def test_an_allotment_takes_the_place_of_the_share() -> None:
    assert school_quota(46, rate=Decimal("0.2"), rounding=Rounding.FLOOR, allotted=4).seats == 4


def test_seats_follow_the_size_of_groups_and_equal_remainders_stay_open() -> None:
    assert seats_by_group({"a": 30, "b": 10, "c": 5}, 9).by_group == {"a": 6, "b": 2, "c": 1}
    tied = seats_by_group({"a": 10, "b": 10}, 3)
    assert (dict(tied.by_group), tied.open_seats) == ({"a": 1, "b": 1}, 1)
    assert seats_by_group({}, 3).by_group == {}


def test_the_best_totals_are_proposed_and_the_others_by_what_they_reach() -> None:
    people = [candidate(key, total) for key, total in zip("abcde", ("90", "85", "70", "55", "40"), strict=True)]
    found = proposals(people, seats=1, least=LEAST)
    assert [found[key].grade for key in "abcde"] == [BEST, GOOD, GOOD, BASIC, FAILED]
    assert {each.note for each in found.values()} == {Note.BY_TOTAL}


def test_a_tie_at_the_last_seat_is_told_and_proposed_to_nobody() -> None:
    people = [candidate("a", "90"), candidate("b", "85"), candidate("c", "85"), candidate("d", "70")]
    found = proposals(people, seats=2, least=LEAST)
    assert [(found[key].grade, found[key].note) for key in "abcd"] == [
        (BEST, Note.BY_TOTAL),
        (GOOD, Note.TIED),
        (GOOD, Note.TIED),
        (GOOD, Note.BY_TOTAL),
    ]
    assert needs_reason(found["b"], GOOD)
    assert needs_reason(found["b"], BEST)
    assert not needs_reason(found["d"], GOOD)


def test_who_is_capped_takes_no_seat() -> None:
    people = [candidate("a", "95", cap=FAILED), candidate("b", "90"), candidate("c", "80", cap=GOOD)]
    found = proposals(people, seats=1, least=LEAST)
    assert [(found[key].grade, found[key].note) for key in "abc"] == [
        (FAILED, Note.CAPPED),
        (BEST, Note.BY_TOTAL),
        (GOOD, Note.CAPPED),
    ]


def test_without_a_total_a_person_decides() -> None:
    found = proposals([candidate("a", None)], seats=1, least=LEAST)
    assert (found["a"].grade, found["a"].note) == (None, Note.NO_TOTAL)
    assert needs_reason(found["a"], GOOD)


TOTALS = st.one_of(st.none(), st.integers(0, 20).map(lambda number: Decimal(5 * number)))
CAPS = st.sampled_from([None, None, None, *AnnualGrade])
PEOPLE = st.lists(st.tuples(st.sampled_from("xyz"), TOTALS, CAPS), max_size=40).map(
    lambda rows: [Candidate(f"k{place:02d}", *row) for place, row in enumerate(rows)]
)


@given(people=PEOPLE, seats=st.integers(0, 45))
def test_what_always_holds_of_proposals(people: list[Candidate], seats: int) -> None:
    found = proposals(people, seats=seats, least=LEAST)
    by_key = {each.staff_key: each for each in people}
    best = [key for key, each in found.items() if each.grade is BEST]
    assert set(found) == set(by_key)
    assert len(best) <= seats
    for key, proposal in found.items():
        person = by_key[key]
        assert proposal.grade is None or proposal.grade.is_within(person.cap)
        assert (proposal.grade is None) == (person.total is None)
    for one in people:
        for other in people:
            same = one.group == other.group and one.total == other.total and one.cap == other.cap
            # Equals are treated alike, whatever their names.
            assert not same or found[one.staff_key] == found[other.staff_key]
    # The order of people does not matter.
    assert proposals(list(reversed(people)), seats=seats, least=LEAST) == found


@given(
    sizes=st.dictionaries(st.text("abc", min_size=1, max_size=2), st.integers(0, 60), max_size=6),
    seats=st.integers(0, 200),
)
def test_what_always_holds_of_seats(sizes: dict[str, int], seats: int) -> None:
    found = seats_by_group(sizes, seats)
    people = sum(sizes.values())
    assert sum(found.by_group.values()) + found.open_seats == min(seats, people)
    for group, given_seats in found.by_group.items():
        exact = min(seats, people) * sizes[group] / people if people else 0
        assert exact - 1 < given_seats < exact + 1
        assert given_seats <= sizes[group]
