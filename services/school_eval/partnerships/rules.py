"""Kinds of partnerships and activities, and what an activity may look like."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any, Protocol

from shared.terms.errors import DomainError


class PartnershipKind(StrEnum):
    """Where a partnership comes from (measure 16 of the plan)."""

    GROUP_SUPPORT = "group_support"
    """组团式帮扶."""
    EAST_WEST = "east_west"
    """东西部协作."""
    CITY_PAIRING = "city_pairing"
    """筑毕教育协作."""
    TEACHER_STUDIO = "teacher_studio"
    """名师、名校长工作室."""
    SCHOOL_GROUP = "school_group"
    """集团化办学."""
    SCHOOL_AGREEMENT = "school_agreement"
    """校际合作协议."""


class ActivityKind(StrEnum):
    """What was done."""

    TRAINING_SENT = "training_sent"
    """送出去."""
    TRAINING_INVITED = "training_invited"
    """请进来."""
    TEACHER_EXCHANGE = "teacher_exchange"
    STUDENT_EXCHANGE = "student_exchange"
    JOINT_RESEARCH = "joint_research"
    OPEN_LESSON = "open_lesson"
    RESOURCE_SHARING = "resource_sharing"


TRAININGS = frozenset({ActivityKind.TRAINING_SENT, ActivityKind.TRAINING_INVITED})


class Period(Protocol):
    """A partnership, as stored."""

    starts_on: Any
    ends_on: Any


def require_within(partnership: Period, held_on: dt.date, today: dt.date) -> None:
    """An activity lies in its partnership's time and not in the future.

    Raises:
        DomainError: ``partnership.activity_outside``.
    """
    if held_on < partnership.starts_on or held_on > min(partnership.ends_on or today, today):
        end = partnership.ends_on or today
        raise DomainError(
            "partnership.activity_outside", params={"first": str(partnership.starts_on), "last": str(min(end, today))}
        )
