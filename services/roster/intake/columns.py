"""The columns of a collection's upload files, read off its row model so that there is one definition."""

from __future__ import annotations

import datetime as dt
import types
import typing
from decimal import Decimal
from typing import Any

from pydantic.fields import FieldInfo

from services.roster.intake.fields import RowModel
from shared.kernel.tabular.columns import Column, ColumnKind

#: Fields kept letter by letter; codes are brought to half-width characters.
FREE_TEXT = frozenset({"name", "name_en"})


def columns_of(model: type[RowModel], *, sensitive: frozenset[str]) -> tuple[Column, ...]:
    """One column per field: English name or Chinese title as header, optional where the field is."""
    return tuple(_column(name, info, name in sensitive) for name, info in model.model_fields.items())


def _column(name: str, info: FieldInfo, sensitive: bool) -> Column:
    return Column(
        name,
        ColumnKind.TEXT if name in FREE_TEXT else _kind(info.annotation),
        required=info.is_required(),
        optional=not info.is_required(),
        aliases=(title,) if (title := _title(info)) else (),
        # A date may stand in a date cell, which a sensitive text may not.
        sensitive=sensitive and dt.date not in _parts(info.annotation),
    )


def _title(info: FieldInfo) -> str | None:
    """The field's title, or that of the type inside an ``X | None``."""
    if info.title:
        return info.title
    for part in typing.get_args(info.annotation):
        for note in getattr(part, "__metadata__", ()):
            if isinstance(note, FieldInfo) and note.title:
                return note.title
    return None


def _kind(annotation: Any) -> ColumnKind:
    bare = {part for part in _parts(annotation) if part is not types.NoneType}
    if bare == {int}:
        return ColumnKind.INTEGER
    if bare == {Decimal}:
        return ColumnKind.DECIMAL
    # Codes, so that spreadsheet cells of number type, which have lost digits, are noticed.
    return ColumnKind.TEXT if bare & {dt.date, list, dict} else ColumnKind.CODE


def _parts(annotation: Any) -> set[Any]:
    if typing.get_origin(annotation) is typing.Annotated:
        return _parts(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return set().union(*(_parts(part) for part in typing.get_args(annotation)))
    return {typing.get_origin(annotation) or annotation}
