"""Filter trees of queries: what may be asked, and what it means on a frame."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

import polars as pl
from pydantic import (
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    model_validator,
)

from services.monitoring.exams.fields import Strict
from shared.kernel.web.validation import refused
from shared.terms.errors import DomainError, Fault

MAX_DEPTH, MAX_CONDITIONS, MAX_VALUES = 6, 50, 1_000
Text = Annotated[str, StringConstraints(max_length=400, strict=True)]
Number = StrictInt | Annotated[float, Field(strict=True, allow_inf_nan=False)]
Value = StrictBool | Number | Text
_OPERATORS = ("eq", "ne", "in", "gte", "lte", "between")
_JOINTS = ("and", "or", "not")


class Filter(Strict):
    """Either a joint (``and``, ``or``, ``not``) or a condition on one column with exactly one operator.

    A figure that is missing or withheld meets no condition and no negation of one; ``{"column": …, "eq": null}`` finds it.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    and_: list[Filter] | None = Field(default=None, alias="and", min_length=1, max_length=MAX_CONDITIONS)
    or_: list[Filter] | None = Field(default=None, alias="or", min_length=1, max_length=MAX_CONDITIONS)
    not_: Filter | None = Field(default=None, alias="not")
    column: Annotated[str, StringConstraints(max_length=120)] | None = None
    eq: Value | None = None
    ne: Value | None = None
    in_: list[Value] | None = Field(default=None, alias="in", min_length=1, max_length=MAX_VALUES)
    gte: Number | None = None
    lte: Number | None = None
    between: tuple[Number, Number] | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        given = {name.removesuffix("_") for name in self.model_fields_set}
        joints, operators = given & set(_JOINTS), given & set(_OPERATORS)
        is_joint = len(given) == 1 and len(joints) == 1
        is_condition = "column" in given and len(operators) == 1 and not joints
        if not (is_joint or is_condition):
            raise refused("filter.not_one_thing", joints=", ".join(_JOINTS), operators=", ".join(_OPERATORS))
        return self

    @property
    def parts(self) -> list[tuple[str, Filter]]:
        """What is joined, with its place in the body."""
        if self.not_ is not None:
            return [("not", self.not_)]
        name, joined = ("and", self.and_) if self.and_ is not None else ("or", self.or_)
        return [(f"{name}/{place}", part) for place, part in enumerate(joined or ())]

    @property
    def operator(self) -> str:
        """The operator of a condition."""
        return next(name.removesuffix("_") for name in self.model_fields_set if name != "column")


def require_sound(tree: Filter, columns: Mapping[str, pl.DataType]) -> None:
    """Holds a tree to its limits and to the columns its caller sees.

    Raises:
        DomainError: ``request.invalid`` with every fault.
    """
    found = list(_conditions(tree, "/filter", 1))
    faults: list[Fault] = []
    if len(found) > MAX_CONDITIONS or any(depth > MAX_DEPTH for _, _, depth in found):
        limit = f"{MAX_CONDITIONS} / {MAX_DEPTH}"
        faults.append(Fault("query.too_large", pointer="/filter", allowed=limit))
    for condition, pointer, _ in found:
        faults += _faults(condition, pointer, columns)
    if faults:
        raise DomainError("request.invalid", params={"count": len(faults)}, faults=faults)


def meaning(tree: Filter) -> pl.Expr:
    """The tree as an expression; null, which meets nothing, counts as false."""
    return _expression(tree).fill_null(value=False)


def conjuncts(tree: Filter | None, columns: frozenset[str]) -> tuple[list[Filter], list[Filter]]:
    """What a tree demands in any case, parted into conditions on some columns and the rest."""
    every = [] if tree is None else tree.and_ if tree.and_ is not None else [tree]
    simple = [part for part in every if part.column in columns]
    return simple, [part for part in every if part.column not in columns]


def _conditions(tree: Filter, pointer: str, depth: int) -> Iterator[tuple[Filter, str, int]]:
    if tree.column is not None:
        yield tree, pointer, depth
        return
    for place, part in tree.parts:
        yield from _conditions(part, f"{pointer}/{place}", depth + 1)


def _faults(condition: Filter, pointer: str, columns: Mapping[str, pl.DataType]) -> Iterator[Fault]:
    dtype = columns.get(str(condition.column))
    if dtype is None or isinstance(dtype, pl.List):
        allowed = ", ".join(name for name, kind in columns.items() if not isinstance(kind, pl.List))
        yield Fault("field.unknown", pointer=f"{pointer}/column", value=str(condition.column)[:40], allowed=allowed)
        return
    kind: tuple[type, ...] = (str,) if dtype == pl.String else (bool,) if dtype == pl.Boolean else (int, float)
    values = _values(condition)
    if any(
        value is not None and (not isinstance(value, kind) or isinstance(value, bool) != (kind == (bool,)))
        for value in values
    ):
        yield Fault("query.type", pointer=f"{pointer}/{condition.operator}", allowed=str(dtype).lower())


def _values(condition: Filter) -> list[Any]:
    match condition.operator:
        case "in":
            return [*(condition.in_ or ())]
        case "between":
            return [*(condition.between or ())]
        case name:
            return [getattr(condition, name)]


def _expression(tree: Filter) -> pl.Expr:
    if tree.column is not None:
        return _condition(tree, pl.col(tree.column))
    if tree.not_ is not None:
        return ~_expression(tree.not_)
    parts = [_expression(part) for _, part in tree.parts]
    return pl.all_horizontal(parts) if tree.and_ is not None else pl.any_horizontal(parts)


def _condition(condition: Filter, column: pl.Expr) -> pl.Expr:
    values = _values(condition)
    met: pl.Expr
    match condition.operator:
        case "eq":
            met = column.is_null() if values[0] is None else column.eq(values[0])
        case "ne":
            met = column.is_not_null() if values[0] is None else column.ne(values[0])
        case "in":
            met = column.is_in(values)
        case "gte":
            met = column >= values[0]
        case "lte":
            met = column <= values[0]
        case _:
            met = column.is_between(*values)
    return met
