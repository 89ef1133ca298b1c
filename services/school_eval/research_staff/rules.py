"""Pure decisions about the log of heard lessons."""

from __future__ import annotations

import calendar
import datetime as dt
from enum import StrEnum
from typing import Any, Protocol

from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError


class TeachingLink(StrEnum):
    """The seven links of teaching (备、教、批、辅、考、研、评)."""

    PREPARATION = "preparation"
    TEACHING = "teaching"
    MARKING = "marking"
    TUTORING = "tutoring"
    TESTING = "testing"
    RESEARCH = "research"
    EVALUATION = "evaluation"


class Post(Protocol):
    """A post of teaching research, as stored."""

    account: Any
    starts_on: Any
    ends_on: Any


def require_own_log(post: Post, actor: Actor) -> None:
    """Inspectors and reviewers write in their own log; administrators of the office in any.

    Raises:
        DomainError: ``research_staff.other_log``.
    """
    is_keeper = bool(actor.roles & {Role.CITY_ADMIN, Role.COUNTY_ADMIN, Role.INTEGRATION})
    if not is_keeper and post.account != actor.subject:
        raise DomainError("research_staff.other_log")


def require_heard_in_office(post: Post, heard_on: dt.date, today: dt.date) -> None:
    """A lesson was heard while the post was held, and not in the future.

    Raises:
        DomainError: ``research_staff.outside_post``.
    """
    last = min(post.ends_on or today, today)
    if not post.starts_on <= heard_on <= last:
        raise DomainError("research_staff.outside_post", params={"first": str(post.starts_on), "last": str(last)})


def month_of(text: str) -> tuple[dt.date, dt.date]:
    """First and last day of a month written ``2026-11``."""
    year, month = (int(part) for part in text.split("-"))
    return dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1])


def owes(post: Post, first: dt.date, last: dt.date) -> bool:
    """Whether the post was held the whole month, so that the whole duty is owed."""
    return bool(post.starts_on <= first and (post.ends_on is None or post.ends_on >= last))
