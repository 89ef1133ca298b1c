"""The audit log's table: appended to by one database function, writable by no role of a service."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Computed, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared.kernel.database.base import KernelBase


class AuditRecord(KernelBase):
    """One thing done: the payload as hashed, and the columns that queries need, derived from it."""

    __tablename__ = "audit_log"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime] = mapped_column()
    payload: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text, Computed("payload::jsonb ->> 'action'", persisted=True))
    object: Mapped[str | None] = mapped_column(Text, Computed("payload::jsonb ->> 'object'", persisted=True))
    subject: Mapped[str | None] = mapped_column(Text, Computed("payload::jsonb ->> 'subject'", persisted=True))
    prev_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
