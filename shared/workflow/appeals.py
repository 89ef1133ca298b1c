"""The life of an appeal: admitted or refused, investigated, ruled on, reviewed once by whoever stands above."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shared.terms.errors import DomainError
from shared.workflow.calendar import WorkingCalendar
from shared.workflow.clocks import Window, calendar_window, window
from shared.workflow.transitions import Transition, TransitionTable


class AppealState(StrEnum):
    """States of an appeal."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNDER_INVESTIGATION = "under_investigation"
    RULED = "ruled"
    REVIEW_REQUESTED = "review_requested"
    FINAL = "final"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """What a ruling says."""

    UPHELD = "upheld"
    PARTLY_UPHELD = "partly_upheld"
    REJECTED = "rejected"


_S = AppealState
APPEAL_LIFE = TransitionTable[AppealState](
    (
        Transition("accept", frozenset({_S.SUBMITTED}), _S.ACCEPTED),
        Transition("refuse", frozenset({_S.SUBMITTED}), _S.REFUSED),
        Transition("investigate", frozenset({_S.ACCEPTED}), _S.UNDER_INVESTIGATION),
        Transition("rule", frozenset({_S.ACCEPTED, _S.UNDER_INVESTIGATION}), _S.RULED),
        Transition("request_review", frozenset({_S.RULED, _S.REFUSED}), _S.REVIEW_REQUESTED),
        Transition("decide_review", frozenset({_S.REVIEW_REQUESTED}), _S.FINAL),
        # Nobody asked for a review in time.
        Transition("lapse", frozenset({_S.RULED, _S.REFUSED}), _S.FINAL),
        Transition("withdraw", frozenset({_S.SUBMITTED, _S.ACCEPTED, _S.UNDER_INVESTIGATION}), _S.WITHDRAWN),
        # What was ruled stands.
        Transition("withdraw_review", frozenset({_S.REVIEW_REQUESTED}), _S.FINAL),
    )
)
#: Steps of the one who appeals, of the one who handles it, and of the one above who reviews the ruling.
APPELLANT_STEPS = frozenset({"request_review", "withdraw", "withdraw_review"})
HANDLER_STEPS = frozenset({"accept", "refuse", "investigate", "rule"})
REVIEWER_STEPS = frozenset({"decide_review"})
#: In these somebody owes a step; the thread takes words.
OPEN = frozenset(AppealState) - {AppealState.FINAL, AppealState.WITHDRAWN}

#: Which deadline runs in a state, by its rule's name; who owes the step.
_RUNNING: Mapping[AppealState, str] = {
    _S.SUBMITTED: "appeals.admit",
    _S.ACCEPTED: "appeals.rule",
    _S.RULED: "appeals.request_review",
    _S.REFUSED: "appeals.request_review",
    _S.REVIEW_REQUESTED: "appeals.decide_review",
}
#: The clock of the ruling starts when the appeal is admitted and goes on while it is investigated.
_GOES_ON = frozenset({AppealState.UNDER_INVESTIGATION})


@dataclass(frozen=True, slots=True)
class AppealDeadlines:
    """Working days of each step, by the names of ``deadlines.yaml``, and the calendar they are counted in.

    Steps in ``days`` have so many days of any kind instead.
    """

    working_days: Mapping[str, int]
    calendar: WorkingCalendar
    zone: dt.tzinfo
    days: Mapping[str, int] = field(default_factory=dict)

    def after(self, state: AppealState, at: dt.datetime) -> Window | None:
        """The window that a new state opens; ``None`` where the one before goes on or nobody owes anything."""
        rule = _RUNNING.get(state)
        if rule is None:
            return None
        if rule in self.days:
            return calendar_window(at, days=self.days[rule], calendar=self.calendar, zone=self.zone)
        return window(at, working_days=self.working_days[rule], calendar=self.calendar, zone=self.zone)

    @staticmethod
    def rule_of(state: AppealState) -> str | None:
        """The name of the rule that runs in a state."""
        return _RUNNING.get(state)


def keeps_deadline(state: AppealState) -> bool:
    """Whether the deadline of the state before goes on."""
    return state in _GOES_ON


def require_in_time(action: str, at: dt.datetime, due_at: dt.datetime | None) -> None:
    """A review is asked for in time or not at all: ``appeal.too_late``. Whoever handles it may be late, and it shows."""
    if action == "request_review" and due_at is not None and at >= due_at:
        raise DomainError("appeal.too_late", params={"due_at": due_at.isoformat()})
