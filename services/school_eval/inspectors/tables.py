"""Who inspects, and which schools are too near to each of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.school_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned


class Inspector(Identified, Versioned, OrgScoped, Base):
    """Somebody an office sends on visits; known by account and the roster's staff code, never by name."""

    __tablename__ = "inspectors"
    __table_args__ = (UniqueConstraint("org_path", "account"),)

    account: Mapped[str] = mapped_column(Text)
    staff_code: Mapped[str] = mapped_column(Code)
    # Schools this person works or worked at, or has family at: never sent there.
    own_schools: Mapped[list[Any]]
    is_active: Mapped[bool]
