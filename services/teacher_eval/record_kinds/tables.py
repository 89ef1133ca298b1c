"""A bureau's versions of the catalog of kinds of records."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.teacher_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgShared


class RecordCatalog(Identified, OrgShared, Base):
    """One version; never changed, by a trigger of the database, because points rest on it."""

    __tablename__ = "record_catalogs"
    __table_args__ = (UniqueConstraint("org_path", "number"),)

    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(Code)
    reason: Mapped[str] = mapped_column(Text)
    by_org: Mapped[str] = mapped_column(Code)
    at: Mapped[dt.datetime]
