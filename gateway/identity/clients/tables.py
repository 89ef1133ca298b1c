"""Clients."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.identity.database import Base, Principal
from shared.kernel.database.base import Code


class Client(Principal, Base):
    """A machine: a vendor's system, the provincial platform, a service of ours."""

    __tablename__ = "clients"

    client_id: Mapped[str] = mapped_column(Code, unique=True)
    name: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[Any]]
    # What the vendor calls its system; kept beside every record it sends.
    source_system: Mapped[str | None] = mapped_column(Text)

    @property
    def subject(self) -> str:
        """``sub`` of its tokens."""
        return self.client_id
