"""Notices: an immutable snapshot that is shown to an audience for a window of working days."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from shared.kernel.database.base import Code, Identified, OrgShared, Versioned
from shared.workflow.publicity import NoticeState


class Audience(StrEnum):
    """Who is shown a notice."""

    #: Those of the organization it belongs to, below and above it.
    ORGANIZATION = "organization"
    #: Everybody, without a token, where the service mounts the public list.
    ANYONE = "anyone"


_STATES = ",".join(f"'{state}'" for state in NoticeState)
_AUDIENCES = ",".join(f"'{audience}'" for audience in Audience)


class Notice(Identified, Versioned, OrgShared):
    """Mixin of a service's table of notices. Once opened, what is shown never changes (by trigger)."""

    subject_type: Mapped[str] = mapped_column(Code)
    subject_key: Mapped[str] = mapped_column(Code)
    title_zh: Mapped[str] = mapped_column(Text)
    audience: Mapped[str] = mapped_column(Text, default=Audience.ORGANIZATION)
    content: Mapped[dict[str, Any]]
    content_sha256: Mapped[str] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Text, default=NoticeState.DRAFTED)
    rule: Mapped[str] = mapped_column(Text)
    working_days: Mapped[int]
    drafted_by: Mapped[str] = mapped_column(Text)
    opened_by: Mapped[str | None] = mapped_column(Text)
    opened_at: Mapped[dt.datetime | None]
    first_on: Mapped[dt.date | None]
    last_on: Mapped[dt.date | None]
    ends_at: Mapped[dt.datetime | None]
    unverified_years: Mapped[list[Any]] = mapped_column(default=list)
    closed_at: Mapped[dt.datetime | None]
    withdrawn_at: Mapped[dt.datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(Text)
    withdrawn_reason: Mapped[str | None] = mapped_column(Text)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        return (
            CheckConstraint(f"state in ({_STATES})", name="state"),
            CheckConstraint(f"audience in ({_AUDIENCES})", name="audience"),
            CheckConstraint("state <> 'open' or ends_at is not null", name="open_has_end"),
            Index(
                f"uq_{cls.__tablename__}_standing",  # type: ignore[attr-defined]
                "subject_type",
                "subject_key",
                unique=True,
                postgresql_where="state in ('drafted','open')",
            ),
            Index(f"ix_{cls.__tablename__}_ends_at", "ends_at", postgresql_where="state = 'open'"),  # type: ignore[attr-defined]
        )
