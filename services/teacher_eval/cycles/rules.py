"""Pure decisions about annual evaluations: the city's definition, each school's life, who is assessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from shared.policy.annual_assessment import tracks, ungraded_reasons
from shared.terms.errors import DomainError
from shared.workflow.transitions import Transition, TransitionTable


class CycleState(StrEnum):
    """States of the city's definition."""

    DRAFT = "draft"
    OPENED = "opened"
    ARCHIVED = "archived"


CYCLE_LIFE = TransitionTable[CycleState](
    (
        # Schools and their staff are frozen from the roster.
        Transition("open", frozenset({CycleState.DRAFT}), CycleState.OPENED),
        Transition("archive", frozenset({CycleState.OPENED}), CycleState.ARCHIVED),
    )
)


class SchoolState(StrEnum):
    """States of a school's annual evaluation."""

    DRAFT = "draft"
    OPENED = "opened"
    SELF_EVALUATION = "self_evaluation"
    DEMOCRATIC_APPRAISAL = "democratic_appraisal"
    COMPREHENSIVE_ASSESSMENT = "comprehensive_assessment"
    IN_PUBLICITY = "in_publicity"
    CONFIRMED = "confirmed"
    FILED = "filed"
    ARCHIVED = "archived"


_S = SchoolState
SCHOOL_LIFE = TransitionTable[SchoolState](
    (
        # The list of members is right: who is assessed, on which track, in which group.
        Transition("open", frozenset({_S.DRAFT}), _S.OPENED),
        Transition("begin_self_evaluation", frozenset({_S.OPENED}), _S.SELF_EVALUATION),
        Transition("begin_democratic_appraisal", frozenset({_S.SELF_EVALUATION}), _S.DEMOCRATIC_APPRAISAL),
        Transition("begin_comprehensive_assessment", frozenset({_S.DEMOCRATIC_APPRAISAL}), _S.COMPREHENSIVE_ASSESSMENT),
        Transition("begin_publicity", frozenset({_S.COMPREHENSIVE_ASSESSMENT}), _S.IN_PUBLICITY),
        # Something on a broad front was wrong: the notice comes down, with a reason.
        Transition("withdraw_publicity", frozenset({_S.IN_PUBLICITY}), _S.COMPREHENSIVE_ASSESSMENT),
        Transition("confirm", frozenset({_S.IN_PUBLICITY}), _S.CONFIRMED),
        # The county does not take it as it is.
        Transition("return", frozenset({_S.CONFIRMED}), _S.COMPREHENSIVE_ASSESSMENT),
        Transition("file", frozenset({_S.CONFIRMED}), _S.FILED),
        Transition("archive", frozenset({_S.FILED}), _S.ARCHIVED),
    )
)
#: Until self-evaluation begins members come, go and change tracks; afterwards each needs a reason the county sees.
LISTING = frozenset({_S.DRAFT, _S.OPENED})
#: Teachers are shown results from the publicity on.
SHOWN = frozenset({_S.IN_PUBLICITY, _S.CONFIRMED, _S.FILED, _S.ARCHIVED})
#: Nothing changes any more but by a ruling.
SETTLED = frozenset({_S.CONFIRMED, _S.FILED})
LISTED = 20
LEAST_PUBLICITY_DAYS = 5


def require_state(state: SchoolState, needed: Sequence[SchoolState] | frozenset[SchoolState]) -> None:
    """Raises ``cycle.not_now`` in another state."""
    if state not in needed:
        raise DomainError("cycle.not_now", params={"state": state, "needed": ", ".join(sorted(needed))})


def require_nobody_missing(missing: Mapping[str, Sequence[str]], *, accept_reason: str | None) -> None:
    """The gate of a step: nobody is missing, or the school goes on without them for a reason, which is kept.

    Args:
        missing: staff keys by what they lack, e.g. ``not_submitted``.
        accept_reason: why it goes on.

    Raises:
        DomainError: ``cycle.members_missing`` naming the first of them.
    """
    held_up = {what: keys for what, keys in missing.items() if keys}
    if held_up and accept_reason is None:
        what = ", ".join(held_up)
        keys = [key for each in held_up.values() for key in each]
        params = {"what": what, "total": len(keys), "members": ", ".join(keys[:LISTED])}
        raise DomainError("cycle.members_missing", params=params)


def require_track(track: str) -> None:
    """Raises ``member.track_unknown``."""
    if track not in tracks():
        raise DomainError("member.track_unknown", params={"track": track, "known": ", ".join(tracks())})


def require_ungraded_reason(code: str) -> None:
    """Raises ``member.reason_unknown``."""
    if code not in ungraded_reasons():
        raise DomainError("member.reason_unknown", params={"code": code, "known": ", ".join(ungraded_reasons())})


def next_self_step(track: str, done: Mapping[str, Any]) -> str | None:
    """What a member of a track has to do next before others judge; ``None`` when everything is done."""
    return next((step for step in tracks()[track].self_steps if step not in done), None)
