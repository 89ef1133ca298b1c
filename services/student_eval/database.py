"""The declarative base of the student evaluation service's schema."""

from __future__ import annotations

from sqlalchemy.orm import DeclarativeBase

from shared.kernel.database.base import TYPE_MAP, new_metadata


class Base(DeclarativeBase):
    """Base of every table of this service."""

    metadata = new_metadata()
    type_annotation_map = TYPE_MAP
