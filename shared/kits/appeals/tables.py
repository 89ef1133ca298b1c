"""Appeals and what was said in them."""

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, func
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned
from shared.workflow.appeals import OPEN, AppealState, Outcome

_STATES = ",".join(f"'{state}'" for state in AppealState)
_OUTCOMES = ",".join(f"'{outcome}'" for outcome in Outcome)
_OPEN = ",".join(f"'{state}'" for state in sorted(OPEN))


class Side(StrEnum):
    """Who spoke."""

    APPELLANT = "appellant"
    HANDLER = "handler"
    PLATFORM = "platform"


class Appeal(Identified, Versioned, OrgScoped):
    """Mixin of a service's table of appeals; what was appealed against and why never changes (by trigger)."""

    subject_type: Mapped[str] = mapped_column(Code)
    subject_key: Mapped[str] = mapped_column(Code)
    appellant: Mapped[str] = mapped_column(Text)
    appellant_org: Mapped[str] = mapped_column(Code)
    # What exactly is disputed, in the service's own terms; and what the appellant asks for.
    points: Mapped[list[Any]] = mapped_column(default=list)
    grounds: Mapped[str] = mapped_column(Text)
    asks_for: Mapped[str | None] = mapped_column(Text)
    submitted_at: Mapped[dt.datetime]
    state: Mapped[str] = mapped_column(Text, default=AppealState.SUBMITTED)
    # The deadline that runs, whose rule it is, and the years it touches whose holidays rest on no notice.
    due_at: Mapped[dt.datetime | None]
    due_rule: Mapped[str | None] = mapped_column(Text)
    unverified_years: Mapped[list[Any]] = mapped_column(default=list)
    assignee: Mapped[str | None] = mapped_column(Text)
    # Who refused or ruled: a review is another's.
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_org: Mapped[str | None] = mapped_column(Code)
    decided_at: Mapped[dt.datetime | None]
    outcome: Mapped[str | None] = mapped_column(Text)
    effect: Mapped[dict[str, Any] | None]
    applied: Mapped[dict[str, Any] | None]
    reviewed_by: Mapped[str | None] = mapped_column(Text)
    reviewed_at: Mapped[dt.datetime | None]
    review_outcome: Mapped[str | None] = mapped_column(Text)
    review_effect: Mapped[dict[str, Any] | None]
    review_applied: Mapped[dict[str, Any] | None]
    ended_at: Mapped[dt.datetime | None]

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        table = cls.__tablename__  # type: ignore[attr-defined]
        return (
            CheckConstraint(f"state in ({_STATES})", name="state"),
            CheckConstraint(f"outcome in ({_OUTCOMES})", name="outcome"),
            CheckConstraint(f"review_outcome in ({_OUTCOMES})", name="review_outcome"),
            CheckConstraint("state <> 'ruled' or outcome is not null", name="ruled_has_outcome"),
            CheckConstraint("(state in ('final','withdrawn')) = (ended_at is not null)", name="over_has_end"),
            Index(None, "subject_type", "subject_key", "id"),
            Index(f"ix_{table}_due_at", "due_at", postgresql_where=f"state in ({_OPEN})"),
        )


class AppealMessage(Identified, OrgScoped):
    """Mixin of a service's table of what was said; final, by trigger. ``__appeals__`` names the table of appeals."""

    __appeals__: ClassVar[str] = "appeals"

    # The step it goes with, or ``comment``.
    kind: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    side: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Text)
    author_org: Mapped[str] = mapped_column(Code)
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    @declared_attr
    @classmethod
    def appeal_id(cls) -> Mapped[uuid.UUID]:
        """The appeal it belongs to."""
        return mapped_column(ForeignKey(f"{cls.__appeals__}.id"))

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "appeal_id", "id"),)
