"""Declarative base of the gateway's schema, and what clients and accounts have in common."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Text, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.kernel.database.base import TYPE_MAP, Code, Identified, OrgScoped, Versioned, new_metadata


class Base(DeclarativeBase):
    """Base of the gateway's tables."""

    metadata = new_metadata()
    type_annotation_map = TYPE_MAP


class Principal(Identified, Versioned, OrgScoped):
    """Somebody who can get a token: a machine or a person."""

    org_path: Mapped[str] = mapped_column(Code, index=True)
    secret_hash: Mapped[str] = mapped_column(Text)
    secret_changed_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    # Hash of the secret the accounts file gave last: one changed here afterwards is not set back at the next start.
    provisioned_hash: Mapped[str | None] = mapped_column(Text)
    roles: Mapped[list[Any]]
    disabled_at: Mapped[dt.datetime | None]
    # Tokens issued before this moment are no longer accepted.
    revoked_before: Mapped[dt.datetime | None] = mapped_column(index=True)
