"""Pure decisions about cases of conduct: their life, whose turn it is, dates, and what a ruling may change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from shared.policy.conduct import Effect, Imposed, effect_of, handling_objections, handlings, most_severe
from shared.terms.errors import DomainError, Fault
from shared.terms.organization import OrgLevel
from shared.workflow.transitions import Transition, TransitionTable


class CaseState(StrEnum):
    """States of a case."""

    REPORTED = "reported"
    UNDER_INVESTIGATION = "under_investigation"
    HEARING = "hearing"
    HEARD = "heard"
    PROPOSED = "proposed"
    DECIDED = "decided"
    """Told to the person; nothing follows from it yet."""
    IN_EFFECT = "in_effect"
    EXPIRED = "expired"
    LIFTED = "lifted"
    NOT_CONFIRMED = "not_confirmed"


class Origin(StrEnum):
    """How a case came up; never by whom."""

    COMPLAINT = "complaint"
    INSPECTION = "inspection"
    SCHOOL = "school"
    AUTHORITY = "authority"
    """Handed over by another authority, such as a court or the police."""
    SELF = "self"


_S = CaseState
_OPEN = frozenset({_S.REPORTED, _S.UNDER_INVESTIGATION, _S.HEARING, _S.HEARD, _S.PROPOSED})
LIFE = TransitionTable[CaseState](
    (
        Transition("investigate", frozenset({_S.REPORTED, _S.HEARD, _S.PROPOSED}), _S.UNDER_INVESTIGATION),
        Transition("notify", frozenset({_S.UNDER_INVESTIGATION}), _S.HEARING),
        Transition("record_hearing", frozenset({_S.HEARING}), _S.HEARD),
        Transition("propose", frozenset({_S.HEARD}), _S.PROPOSED),
        Transition("decide", frozenset({_S.HEARD, _S.PROPOSED}), _S.DECIDED),
        Transition("close", _OPEN, _S.NOT_CONFIRMED),
        # Carried out by a ruling, and by the clock.
        Transition("annul", frozenset({_S.DECIDED}), _S.NOT_CONFIRMED),
        Transition("take_effect", frozenset({_S.DECIDED}), _S.IN_EFFECT),
        Transition("expire", frozenset({_S.IN_EFFECT}), _S.EXPIRED),
        Transition("lift", frozenset({_S.IN_EFFECT}), _S.LIFTED),
    )
)
#: Steps of people, not of rulings and the clock.
STEPS = frozenset({"investigate", "notify", "record_hearing", "propose", "decide", "close", "lift"})
#: Nobody is suspended once this is behind.
OPEN = _OPEN
#: Something follows, or followed, from these.
WITH_EFFECT = frozenset({_S.IN_EFFECT, _S.EXPIRED, _S.LIFTED})
OVER = frozenset({_S.EXPIRED, _S.LIFTED, _S.NOT_CONFIRMED})
_ORDER = [OrgLevel.SCHOOL, OrgLevel.COUNTY, OrgLevel.CITY]


def possible_steps(state: CaseState, level: OrgLevel, decided_level: str | None) -> list[str]:
    """Steps that handlers of a level may take now."""
    return [step for step in LIFE.actions(state) if step in STEPS and _is_turn(step, state, level, decided_level)]


def require_turn(step: str, state: CaseState, level: OrgLevel, decided_level: str | None) -> None:
    """What was proposed to an office is the office's; what was decided is lifted at that level or above.

    Raises:
        DomainError: ``workflow.not_allowed``; ``conduct.others_turn``.
    """
    LIFE.target(step, state)
    if not _is_turn(step, state, level, decided_level):
        raise DomainError("conduct.others_turn", params={"state": state, "level": level})


def _is_turn(step: str, state: CaseState, level: OrgLevel, decided_level: str | None) -> bool:
    if step == "lift":
        return is_at_or_above(level, decided_level)
    return state is not CaseState.PROPOSED or level is not OrgLevel.SCHOOL


def is_at_or_above(level: OrgLevel, other: str | None) -> bool:
    """Whether a level is another one, or stands above it."""
    return level in _ORDER and other is not None and _ORDER.index(level) >= _ORDER.index(OrgLevel(other))


def require_lawful(imposed: Sequence[Imposed], level: OrgLevel) -> None:
    """What is imposed is possible in law and at this level, every fault at once: ``conduct.unlawful``."""
    objections = handling_objections(imposed, level.value)
    if objections:
        faults = [Fault(each.code, pointer="/imposed", params=each.params) for each in objections]
        raise DomainError("conduct.unlawful", faults=faults)


def require_not_worse(before: Sequence[Imposed], after: Sequence[Imposed]) -> None:
    """A ruling never makes it worse for whoever asked for it: ``conduct.made_worse``."""
    known = handlings()
    old, new = (most_severe([each.handling for each in some]) for some in (before, after))
    months = {each.handling: each.months or 0 for each in before}
    is_longer = any((each.months or 0) > months.get(each.handling, each.months or 0) for each in after)
    if old is None or new is None or known[new].severity > known[old].severity or is_longer:
        raise DomainError("conduct.made_worse")


def require_dates(*, heard_on: dt.date, decided_on: dt.date, served_on: dt.date, today: dt.date) -> None:
    """Heard, decided, told, in this order and not in the future: ``conduct.dates_unordered``."""
    if not heard_on <= decided_on <= served_on <= today:
        params = {"heard_on": heard_on, "decided_on": decided_on, "served_on": served_on}
        raise DomainError("conduct.dates_unordered", params=params)


def require_hearing_due(hearing_on: dt.date | None, *, has_stated: bool, today: dt.date) -> None:
    """The person has the time they were given, unless they spoke before: ``conduct.hearing_not_yet``."""
    if not has_stated and (hearing_on is None or today < hearing_on):
        raise DomainError("conduct.hearing_not_yet", params={"hearing_on": hearing_on})


def effects_of(imposed: Sequence[Imposed], *, decided_on: dt.date, effective_on: dt.date) -> list[Effect]:
    """Every handling in time."""
    return [effect_of(each, decided_on=decided_on, effective_on=effective_on) for each in imposed]


def last_day(effects: Sequence[Effect]) -> dt.date | None:
    """Last day of what holds longest; ``None`` for good."""
    ends = [effect.last_on for effect in effects]
    return None if None in ends else max(end for end in ends if end is not None)


def imposed_from(stored: Sequence[Mapping[str, Any]]) -> list[Imposed]:
    """What a decision imposes, as stored."""
    return [Imposed(entry["handling"], entry["months"]) for entry in stored]


def effect_from(stored: Mapping[str, Any]) -> Effect:
    """A handling in time, as stored."""
    days = {name: _day(stored[name]) for name in ("last_on", "pay_last_on")}
    return Effect(stored["handling"], dt.date.fromisoformat(stored["first_on"]), **days)


def stored_effect(effect: Effect) -> dict[str, Any]:
    """A handling in time, to be stored."""
    days = {name: getattr(effect, name) for name in ("first_on", "last_on", "pay_last_on")}
    return {"handling": effect.handling, **{name: day and day.isoformat() for name, day in days.items()}}


def _day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)
