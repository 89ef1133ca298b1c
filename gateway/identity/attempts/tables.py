"""Failed attempts by keyed hash: nobody can read from it which names and addresses were tried."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Double, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.identity.database import Base


class LoginAttempts(Base):
    """Failures under one key: a name, an address, or a name at an address."""

    __tablename__ = "login_attempts"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    # The same for all rows of one name, so that unlocking it finds them.
    name_key: Mapped[str | None] = mapped_column(Text, index=True)
    level: Mapped[float] = mapped_column(Double)
    last_at: Mapped[dt.datetime] = mapped_column(index=True)
    blocked_until: Mapped[dt.datetime | None]
    succeeded_at: Mapped[dt.datetime | None]
