"""Declarative foundations: naming convention, and mixins for what many rows share.

Tables carry no schema name: every role's ``search_path`` is its own schema, so the same tables serve any service.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import BigInteger, DateTime, MetaData, String, Uuid, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.kernel.ids import new_id

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

#: Codes and paths compare bytewise, so that a path prefix is an index range.
Code = String(collation="C")

TYPE_MAP: dict[Any, Any] = {
    dt.datetime: DateTime(timezone=True),
    uuid.UUID: Uuid(),
    dict[str, Any]: JSONB(),
    list[Any]: JSONB(),
    int: BigInteger(),
}


def new_metadata() -> MetaData:
    """Metadata of one service (or of the kernel) under the naming convention."""
    return MetaData(naming_convention=NAMING)


class KernelBase(DeclarativeBase):
    """Base of the tables that the kernel brings into every service's schema."""

    metadata = new_metadata()
    type_annotation_map = TYPE_MAP


class Identified:
    """A row with an id of ours."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)


class Versioned:
    """A row whose every change counts up; the count is its ETag."""

    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[dt.datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class OrgScoped:
    """A row that belongs to an organization: visible to actors at or above it (row-level security beneath)."""

    org_path: Mapped[str] = mapped_column(Code)


class OrgShared:
    """A row that an organization shares with all below it: visible at, above and below its path."""

    org_path: Mapped[str] = mapped_column(Code)
