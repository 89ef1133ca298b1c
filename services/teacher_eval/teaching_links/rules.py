"""Pure decisions about links of teachers and classes: their life, who does what when, and how much is given out."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

from shared.terms.errors import DomainError
from shared.workflow.clocks import deadline_rules
from shared.workflow.transitions import Transition, TransitionTable

CONFIRM, DECIDE, CLOSE = "teaching_links.confirm", "teaching_links.decide", "teaching_links.close"


class SilentLinks(StrEnum):
    """What becomes of links whose teacher said nothing."""

    STAND = "stand"
    """They stand as previewed, flagged."""
    DROP = "drop"
    """They are not used."""


class SchoolState(StrEnum):
    """Where a school's links stand."""

    PREVIEWED = "previewed"
    """Teachers confirm or dispute."""
    DECIDING = "deciding"
    """Their time is over: the school decides what is disputed."""
    DECIDED = "decided"
    """The school has finished: the county looks at it."""
    CLOSED = "closed"
    """Frozen."""


class LinkState(StrEnum):
    """Where one link stands."""

    PREVIEWED = "previewed"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    DECIDED = "decided"
    SILENT = "silent"


SCHOOL_LIFE = TransitionTable(
    [
        Transition("decide", frozenset({SchoolState.PREVIEWED}), SchoolState.DECIDING),
        Transition("finish", frozenset({SchoolState.DECIDING}), SchoolState.DECIDED),
        Transition("return", frozenset({SchoolState.DECIDED}), SchoolState.DECIDING),
        Transition("close", frozenset({SchoolState.DECIDED}), SchoolState.CLOSED),
    ]
)
#: A teacher may change their mind while it is their time.
LINK_LIFE = TransitionTable(
    [
        Transition(
            "confirm", frozenset({LinkState.PREVIEWED, LinkState.CONFIRMED, LinkState.DISPUTED}), LinkState.CONFIRMED
        ),
        Transition(
            "dispute", frozenset({LinkState.PREVIEWED, LinkState.CONFIRMED, LinkState.DISPUTED}), LinkState.DISPUTED
        ),
        Transition("fall_silent", frozenset({LinkState.PREVIEWED}), LinkState.SILENT),
        Transition(
            "decide",
            frozenset({LinkState.DISPUTED, LinkState.SILENT, LinkState.CONFIRMED, LinkState.DECIDED}),
            LinkState.DECIDED,
        ),
    ]
)


@dataclass(frozen=True, slots=True)
class Part:
    """A share of a class's subject from day to day, both included."""

    class_code: str
    subject: str
    starts_on: dt.date
    ends_on: dt.date
    share: Decimal


def chosen_days(step: str, working_days: int | None) -> int:
    """Working days of a step: those asked for, or the usual ones; raises ``teaching_link.days``."""
    rule = deadline_rules()[step]
    chosen = rule.chosen(working_days)
    if chosen is None:
        raise DomainError("teaching_link.days", params={"least": rule.least, "most": rule.most})
    return chosen


def require_in_time(ends_at: dt.datetime, at: dt.datetime) -> None:
    """What teachers say is taken in their time; raises ``teaching_link.late``."""
    if at >= ends_at:
        raise DomainError("teaching_link.late")


def require_year(school_year: str, starts_on: dt.date, ends_on: dt.date) -> None:
    """A link lies within its school year, 1 September to 31 August; raises ``teaching_link.dates``."""
    first, last = dt.date(int(school_year[:4]), 9, 1), dt.date(int(school_year[5:]), 8, 31)
    if not first <= starts_on <= ends_on <= last:
        raise DomainError("teaching_link.dates", params={"first": first.isoformat(), "last": last.isoformat()})


def is_used(state: LinkState, share: Decimal, silent: SilentLinks) -> bool:
    """Whether a link is part of what is frozen: said or decided, with a share; silent ones as the window has it."""
    if share <= 0:
        return False
    return state in (LinkState.CONFIRMED, LinkState.DECIDED) or (
        state is LinkState.SILENT and silent is SilentLinks.STAND
    )


def given_out_twice(parts: Iterable[Part]) -> list[tuple[str, str]]:
    """Classes and subjects of which more than the whole is given out on some day."""
    wholes: dict[tuple[str, str], list[Part]] = defaultdict(list)
    for part in parts:
        wholes[part.class_code, part.subject].append(part)
    return sorted(whole for whole, own in wholes.items() if _exceeds(own))


def _exceeds(parts: Sequence[Part]) -> bool:
    changes = sorted(
        [(part.starts_on, part.share) for part in parts]
        + [(part.ends_on + dt.timedelta(days=1), -part.share) for part in parts]
    )
    total = Decimal(0)
    for _, group in groupby(changes, key=lambda change: change[0]):
        total += sum(share for _, share in group)
        if total > 1:
            return True
    return False
