"""Pure decisions about annual grades: how many may be excellent, what is proposed, what a person has to say why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import groupby

from shared.policy.annual_assessment import AnnualGrade, LeastTotals, Rounding, quota_count


class Note(StrEnum):
    """What is told beside a proposal."""

    BY_TOTAL = "by_total"
    TIED = "tied"
    """Equal to others at the last place of the quota: a person decides."""
    CAPPED = "capped"
    """A conduct decision allows nothing better."""
    NO_TOTAL = "no_total"
    """There is no total to propose a grade from: a person decides."""


#: A grade that follows such a proposal needs a reason, whatever it is.
ALWAYS_EXPLAINED = frozenset({Note.TIED, Note.NO_TOTAL})


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody to be graded.

    Args:
        staff_key: who.
        group: those whose totals are compared.
        total: as printed; ``None`` without one.
        cap: the best grade that conduct allows; ``None`` without a limit.
    """

    staff_key: str
    group: str
    total: Decimal | None
    cap: AnnualGrade | None = None

    @property
    def may_excel(self) -> bool:
        """Whether the best grade is open to them."""
        return self.cap is None or self.cap is AnnualGrade.EXCELLENT


@dataclass(frozen=True, slots=True)
class Proposal:
    """A grade proposed, ``None`` where a person has to say it without one, and what is told beside it."""

    grade: AnnualGrade | None
    note: Note


@dataclass(frozen=True, slots=True)
class Quota:
    """How many of a school may be excellent: a rate of its base, or what its county allotted."""

    base: int
    rate: Decimal
    seats: int
    is_allotted: bool = False


@dataclass(frozen=True, slots=True)
class Seats:
    """Seats of the best by group, and those that a tie of remainders left to a person."""

    by_group: Mapping[str, int]
    open_seats: int


def school_quota(base: int, *, rate: Decimal, rounding: Rounding, allotted: int | None = None) -> Quota:
    """The quota of a school.

    Args:
        base: those who take part.
        rate: share of them, usual or raised.
        rounding: of the number.
        allotted: what the county gave it, where counties share the quota out.
    """
    if allotted is not None:
        return Quota(base, rate, allotted, is_allotted=True)
    return Quota(base, rate, quota_count(base, rate, rounding))


def seats_by_group(sizes: Mapping[str, int], seats: int) -> Seats:
    """Shares seats among groups by largest remainders; equal remainders at the last seat leave it open, told.

    Args:
        sizes: people by group.
        seats: how many there are.

    Returns:
        Seats by group, never more than its people; all seats are in it or open.
    """
    people = sum(sizes.values())
    if people == 0 or seats <= 0:
        return Seats(dict.fromkeys(sizes, 0), max(seats, 0) if people else 0)
    seats = min(seats, people)
    exact = {group: Fraction(seats * size, people) for group, size in sizes.items()}
    given = {group: int(share) for group, share in exact.items()}
    left = seats - sum(given.values())
    by_remainder = sorted(sizes, key=lambda group: (given[group] - exact[group], group))
    for _, tied in groupby(by_remainder, key=lambda group: exact[group] - given[group]):
        groups = list(tied)
        if len(groups) > left:
            break
        for group in groups:
            given[group] += 1
        left -= len(groups)
    return Seats(given, left)


def proposals(candidates: Sequence[Candidate], *, seats: int, least: LeastTotals) -> dict[str, Proposal]:
    """A grade proposed for everybody, by their totals within their groups.

    The cap of conduct comes before the quota: whoever is capped takes no seat. A tie at the last seat of a group proposes
    the best grade to none of those tied.

    Args:
        candidates: those to be graded.
        seats: how many may be excellent.
        least: totals from which the other grades are proposed.
    """
    sizes: dict[str, int] = {}
    for each in candidates:
        sizes[each.group] = sizes.get(each.group, 0) + 1
    shared = seats_by_group(sizes, seats)
    found: dict[str, Proposal] = {}
    for group in sizes:
        members = [each for each in candidates if each.group == group]
        best, tied = _best_of(members, shared.by_group[group], least)
        for each in members:
            found[each.staff_key] = _proposal(each, best=best, tied=tied, least=least)
    return found


def needs_reason(proposal: Proposal, grade: AnnualGrade) -> bool:
    """Whether a person who decides this grade has to say why."""
    return proposal.note in ALWAYS_EXPLAINED or grade is not proposal.grade


def _best_of(members: Sequence[Candidate], seats: int, least: LeastTotals) -> tuple[set[str], set[str]]:
    """Keys of those proposed for the best grade, and of those tied at the last seat."""
    able = [each for each in members if each.may_excel and each.total is not None and each.total >= least.qualified]
    best: set[str] = set()
    ranked = sorted(able, key=lambda each: -(each.total or Decimal(0)))
    for _, equal in groupby(ranked, key=lambda each: each.total):
        keys = {each.staff_key for each in equal}
        free = seats - len(best)
        if len(keys) > free:
            return best, keys if free > 0 else set()
        best |= keys
    return best, set()


def _proposal(each: Candidate, *, best: set[str], tied: set[str], least: LeastTotals) -> Proposal:
    if each.total is None:
        return Proposal(None, Note.NO_TOTAL)
    if each.staff_key in best:
        return Proposal(AnnualGrade.EXCELLENT, Note.BY_TOTAL)
    by_total = least.grade_of(each.total)
    if each.staff_key in tied:
        return Proposal(by_total, Note.TIED)
    capped = by_total.capped(each.cap)
    is_capped = each.cap is not None and (capped is not by_total or not each.may_excel)
    return Proposal(capped, Note.CAPPED if is_capped else Note.BY_TOTAL)
