"""Sign-offs: who has to sign what, in which order; and what each of them did."""

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned
from shared.workflow.sign_offs import STANDING, SignOffState

_STATES = ",".join(f"'{state}'" for state in SignOffState)
_STANDING = ",".join(f"'{state}'" for state in sorted(STANDING))


class Decision(StrEnum):
    """What a signer did."""

    SIGNED = "signed"
    DECLINED = "declined"


class SignOff(Identified, Versioned, OrgScoped):
    """Mixin of a service's table of sign-offs. Every signer's organization must hold ``org_path``."""

    subject_type: Mapped[str] = mapped_column(Code)
    subject_key: Mapped[str] = mapped_column(Code)
    content_sha256: Mapped[str] = mapped_column(Code)
    # Position, role, organization and, where only one person may, the account; in the order of signing.
    signers: Mapped[list[Any]]
    state: Mapped[str] = mapped_column(Text, default=SignOffState.REQUESTED)
    requested_by: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[dt.datetime]
    # Of the next signature; starts anew with each.
    due_at: Mapped[dt.datetime | None]
    unverified_years: Mapped[list[Any]] = mapped_column(default=list)
    ended_at: Mapped[dt.datetime | None]
    ended_reason: Mapped[str | None] = mapped_column(Text)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        table = cls.__tablename__  # type: ignore[attr-defined]
        return (
            CheckConstraint(f"state in ({_STATES})", name="state"),
            CheckConstraint("(state = 'requested') = (ended_at is null)", name="over_has_end"),
            Index(
                f"uq_{table}_standing",
                "subject_type",
                "subject_key",
                unique=True,
                postgresql_where=f"state in ({_STANDING})",
            ),
        )


class Signature(Identified, OrgScoped):
    """Mixin of a service's table of signatures; final, by trigger. ``__sign_offs__`` names the table of sign-offs."""

    __sign_offs__: ClassVar[str] = "sign_offs"

    position: Mapped[str] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    # What the signer saw, as the signer named it.
    content_sha256: Mapped[str] = mapped_column(Code)
    signed_by: Mapped[str] = mapped_column(Text)
    signer_org: Mapped[str] = mapped_column(Code)
    at: Mapped[dt.datetime]

    @declared_attr
    @classmethod
    def sign_off_id(cls) -> Mapped[uuid.UUID]:
        """The sign-off it belongs to."""
        return mapped_column(ForeignKey(f"{cls.__sign_offs__}.id"))

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        table = cls.__tablename__  # type: ignore[attr-defined]
        return (
            CheckConstraint("decision in ('signed','declined')", name="decision"),
            CheckConstraint("decision = 'signed' or reason is not null", name="declined_with_reason"),
            Index(f"uq_{table}_position", "sign_off_id", "position", unique=True),
        )
