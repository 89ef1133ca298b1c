"""From what a sender wrote to typed rows, with every fault."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from services.roster.intake.fields import RowModel
from shared.kernel.web.validation import validation_problem

M = TypeVar("M", bound=RowModel)
VALUE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Row(Generic[M]):
    """One row: ``number`` is the sender's own (file row, line, or place in the list counted from 1)."""

    number: int
    model: M


@dataclass(frozen=True, slots=True)
class RowFault:
    """One fault of one row; ``number`` is ``None`` when it is the table's."""

    number: int | None
    column: str | None
    code: str
    allowed: str | None = None
    value: str | None = None
    params: Mapping[str, object] = field(default_factory=dict)


def parse_rows(
    raw: Iterable[tuple[int, Mapping[str, Any]]], model: type[M], *, sensitive: frozenset[str]
) -> tuple[list[Row[M]], list[RowFault]]:
    """Validates rows one by one; a row with a fault is left out of the first list."""
    rows: list[Row[M]] = []
    faults: list[RowFault] = []
    for number, content in raw:
        try:
            rows.append(Row(number, model.model_validate(content)))
        except ValidationError as error:
            faults += _faults_of(number, content, error, frozenset(model.model_fields) - sensitive)
    return rows, faults


def _faults_of(
    number: int, content: Mapping[str, Any], error: ValidationError, showable: frozenset[str]
) -> list[RowFault]:
    entries: Sequence[Any] = error.errors(include_url=False, include_input=False)
    found = validation_problem([{**entry, "loc": ("body", *entry["loc"])} for entry in entries]).faults
    return [
        RowFault(
            number,
            column := (fault.pointer or "/")[1:] or None,
            fault.code,
            allowed=fault.allowed,
            value=shown(content.get(column or ""), hidden=column not in showable),
            params=fault.params,
        )
        for fault in found
    ]


def shown(value: Any, *, hidden: bool) -> str | None:
    """A value as a fault may repeat it: scalars only, shortened."""
    return None if hidden or not isinstance(value, str | int | float) else str(value)[:VALUE_LENGTH]
