"""Pure decisions about records: their life, who may take which step, and what co-authors may claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.scoring.records.rules import SHARE_SCALE, RecordRules
from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError
from shared.workflow.transitions import Transition, TransitionTable


class RecordState(StrEnum):
    """Where a record stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    CERTIFIED = "certified"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"


_OPEN = frozenset({RecordState.DRAFT, RecordState.RETURNED})
LIFE = TransitionTable(
    [
        Transition("edit", _OPEN, RecordState.DRAFT),
        Transition("submit", _OPEN, RecordState.SUBMITTED),
        Transition("recall", frozenset({RecordState.SUBMITTED}), RecordState.DRAFT),
        Transition("withdraw", _OPEN | {RecordState.SUBMITTED}, RecordState.WITHDRAWN),
        Transition("certify", frozenset({RecordState.SUBMITTED}), RecordState.CERTIFIED),
        Transition("return", frozenset({RecordState.SUBMITTED}), RecordState.RETURNED),
        Transition("refuse", frozenset({RecordState.SUBMITTED}), RecordState.REFUSED),
        Transition("revoke", frozenset({RecordState.CERTIFIED}), RecordState.REVOKED),
    ]
)
#: States in which a record claims something of an achievement.
CLAIMING = frozenset({RecordState.SUBMITTED, RecordState.CERTIFIED})
#: Steps of the one it is about, or who entered it; the others are the certifier's.
OWN_STEPS = frozenset({"submit", "recall", "withdraw"})


@dataclass(frozen=True, slots=True)
class Claim:
    """What another record claims of the same achievement; nobody is named."""

    rank: int
    count: int


def require_claimable(own: Claim, others: Sequence[Claim], rules: RecordRules) -> None:
    """All co-authors together claim one whole achievement, each rank once.

    Raises:
        DomainError: ``record.over_claimed`` with the ranks that are claimed already.
    """
    shares = sum(rules.share_of(claim.rank, claim.count) for claim in (own, *others))
    counts = {claim.count for claim in (own, *others)}
    ranks = [claim.rank for claim in others]
    if shares > SHARE_SCALE or own.rank in ranks or len(counts) > 1:
        told = ", ".join(f"{claim.rank}/{claim.count}" for claim in sorted(others, key=lambda one: one.rank))
        params = {"own": f"{own.rank}/{own.count}", "others": told, "share": f"{shares / SHARE_SCALE:.0%}"}
        raise DomainError("record.over_claimed", params=params)


class Acting(StrEnum):
    """In whose place somebody acts."""

    TEACHER = "teacher"
    SCHOOL = "school"


def acting(actor: Actor, staff_key: str) -> Acting:
    """The person themselves, or the school for one of its staff.

    Raises:
        DomainError: ``record.not_own`` for a teacher who acts for another.
    """
    if actor.is_person(staff_key):
        return Acting.TEACHER
    if actor.roles & {Role.SCHOOL_ADMIN, Role.SCHOOL_OPERATOR, Role.INTEGRATION}:
        return Acting.SCHOOL
    raise DomainError("record.not_own")


def require_certifier(actor: Actor, *, staff_key: str, certified_by: str, has_flags: bool, reason: str | None) -> None:
    """Nobody certifies what they did themselves; what is kept for the county is the county's; flags need words.

    Raises:
        DomainError: ``record.own_certified``, ``record.county_certifies``, ``record.flag_reason_missing``.
    """
    if actor.is_person(staff_key):
        raise DomainError("record.own_certified")
    if certified_by == "county" and not actor.roles & {Role.COUNTY_ADMIN, Role.COUNTY_REVIEWER, Role.CITY_ADMIN}:
        raise DomainError("record.county_certifies")
    if has_flags and reason is None:
        raise DomainError("record.flag_reason_missing")
