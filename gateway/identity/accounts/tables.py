"""Accounts."""

from __future__ import annotations

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.identity.database import Base, Principal
from shared.kernel.database.base import Code


class Account(Principal, Base):
    """A person."""

    __tablename__ = "accounts"

    username: Mapped[str] = mapped_column(Code, unique=True)
    display_name: Mapped[str] = mapped_column(Text)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    # Pseudonym of the person in the roster: what is theirs in every service.
    person_key: Mapped[str | None] = mapped_column(Code, unique=True)

    @property
    def subject(self) -> str:
        """``sub`` of the person's tokens: says nothing about the person."""
        return str(self.id)
