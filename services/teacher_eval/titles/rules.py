"""Pure decisions about rungs: the life of a title, what a nomination lacks, how long a term lasts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from services.teacher_eval.ladders.rules import Status
from shared.terms.errors import DomainError
from shared.workflow.transitions import Transition, TransitionTable


class TitleState(StrEnum):
    """States of a person's way to a rung, and on it."""

    NOMINATED = "nominated"
    RETURNED = "returned"
    REVIEWED = "reviewed"
    IN_PUBLICITY = "in_publicity"
    RECOGNIZED = "recognized"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class RoundState(StrEnum):
    """States of a round of recognition."""

    OPEN = "open"
    IN_PUBLICITY = "in_publicity"
    CLOSED = "closed"


class EndReason(StrEnum):
    """Why a rung ended."""

    EXPIRED = "expired"
    CONDUCT = "conduct"
    FOLLOW_UP_FAILED = "follow_up_failed"
    RESIGNED = "resigned"
    REVOKED = "revoked"


class FollowUpVerdict(StrEnum):
    """What a follow-up evaluation (跟踪评估) found."""

    EXCELLENT = "excellent"
    PASSED = "passed"
    FAILED = "failed"


_S = TitleState
LIFE = TransitionTable[TitleState](
    (
        Transition("review", frozenset({_S.NOMINATED}), _S.REVIEWED),
        Transition("return", frozenset({_S.NOMINATED, _S.REVIEWED}), _S.RETURNED),
        Transition("nominate_again", frozenset({_S.RETURNED, _S.WITHDRAWN}), _S.NOMINATED),
        Transition("withdraw", frozenset({_S.NOMINATED, _S.RETURNED, _S.REVIEWED}), _S.WITHDRAWN),
        # Carried out for a whole round, when its notice opens or is taken down.
        Transition("show", frozenset({_S.REVIEWED}), _S.IN_PUBLICITY),
        Transition("take_down", frozenset({_S.IN_PUBLICITY}), _S.REVIEWED),
        Transition("refuse", frozenset({_S.NOMINATED, _S.REVIEWED, _S.IN_PUBLICITY}), _S.REFUSED),
        Transition("recognize", frozenset({_S.IN_PUBLICITY}), _S.RECOGNIZED),
        Transition("renew", frozenset({_S.RECOGNIZED}), _S.RECOGNIZED),
        Transition("end", frozenset({_S.RECOGNIZED}), _S.ENDED),
    )
)
#: Permission of each step that is taken on one title.
STEPS = {
    "review": "titles.review",
    "return": "titles.review",
    "nominate_again": "titles.nominate",
    "withdraw": "titles.nominate",
    "refuse": "titles.decide",
    "renew": "titles.decide",
    "end": "titles.decide",
}
#: While a title is in one of these, the person cannot be nominated for the same rung again.
STANDING = frozenset({_S.NOMINATED, _S.RETURNED, _S.REVIEWED, _S.IN_PUBLICITY, _S.RECOGNIZED})


def open_checks(checks: Sequence[Mapping[str, Any]], waivers: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Criteria that are not met, or that nobody can answer, and that no reviewer let pass."""
    return [check for check in checks if check["status"] != Status.MET and check["code"] not in waivers]


def require_reviewable(checks: Sequence[Mapping[str, Any]], waivers: Mapping[str, Any], conduct: Sequence[str]) -> None:
    """A review needs every criterion met, or passed with a reason and a document; that of conduct can never be passed.

    Args:
        checks: every criterion as held against the facts.
        waivers: what is let pass, by criterion.
        conduct: codes of the criteria of conduct.

    Raises:
        DomainError: ``title.waiver_unknown``, ``title.conduct_not_waived``, ``title.criteria_open`` with each figure.
    """
    codes = {check["code"] for check in checks}
    if unknown := sorted(set(waivers) - codes):
        raise DomainError("title.waiver_unknown", params={"criteria": ", ".join(unknown)})
    known_bad = {check["code"] for check in checks if check["status"] == Status.NOT_MET}
    if gate := sorted(set(waivers) & set(conduct) & known_bad):
        raise DomainError("title.conduct_not_waived", params={"criteria": ", ".join(gate)})
    if missing := open_checks(checks, waivers):
        raise DomainError("title.criteria_open", params={"criteria": "；".join(_told(check) for check in missing)})


def _told(check: Mapping[str, Any]) -> str:
    found = "?" if check["found"] is None else check["found"]
    return f"{check['code']} {found} / {check['needed']}"


def term_ends_on(first: dt.date, years: int | None) -> dt.date | None:
    """The last day of a term of whole years; ``None`` where it has none."""
    if years is None:
        return None
    try:
        return first.replace(year=first.year + years) - dt.timedelta(days=1)
    except ValueError:  # begun on 29 February
        return first.replace(year=first.year + years, day=28)


def require_renewable(verdicts: Sequence[tuple[dt.date, str]], term_begins_on: dt.date) -> None:
    """A renewal rests on the newest follow-up evaluation of the running term.

    Raises:
        DomainError: ``title.follow_up_missing``; ``title.follow_up_failed``.
    """
    of_term = [(day, verdict) for day, verdict in verdicts if day >= term_begins_on]
    if not of_term:
        raise DomainError("title.follow_up_missing", params={"since": term_begins_on.isoformat()})
    day, last = max(of_term)
    if last == FollowUpVerdict.FAILED:
        raise DomainError("title.follow_up_failed", params={"day": day.isoformat()})


def seats_left(seats: Mapping[str, int] | None, county: str, taken: int) -> int | None:
    """How many more a county may bring forward; ``None`` where nothing limits it."""
    if seats is None or county not in seats:
        return None
    return seats[county] - taken
