"""The declarative base of the roster's schema, and what its tables share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Index, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.kernel.database.base import TYPE_MAP, Code, new_metadata


class Base(DeclarativeBase):
    """Base of every table of this service."""

    metadata = new_metadata()
    type_annotation_map = TYPE_MAP


class Sourced:
    """A row that keeps the sender's own key beside ours; a pair once given is never given to another row."""

    source_system: Mapped[str | None] = mapped_column(Code)
    source_id: Mapped[str | None] = mapped_column(Text(collation="C"))


def source_rules(table: str) -> tuple[Any, ...]:
    """Constraints of a :class:`Sourced` table."""
    return (
        CheckConstraint("(source_system is null) = (source_id is null)", name="source_whole"),
        Index(
            f"uq_{table}_source",
            "source_system",
            "source_id",
            unique=True,
            postgresql_where="source_system is not null",
        ),
    )
