"""The door of an evaluation: units and their raw values, checked as whole columns, every fault at once (SCORING §10.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from shared.scoring.rules.base import ValueKind
from shared.scoring.scheme.outline import Bools, Floats, Outline
from shared.scoring.scheme.tree import Leaf, Scheme
from shared.terms.errors import DomainError, Fault

UNIT = "unit_code"
GROUP = "group"
EVERYBODY = "all"
"""The group of a scheme that compares all units with one another."""
FAULTS_SHOWN = 1000
_TYPES = {
    ValueKind.NUMBER: pl.Float64,
    ValueKind.COUNT: pl.Float64,
    ValueKind.CHOICE: pl.String,
    ValueKind.YES_NO: pl.Boolean,
}


@dataclass(frozen=True, slots=True, eq=False)
class UnitValues:
    """Checked values, units in the order of their codes.

    Args:
        frame: ``unit_code``, ``group`` and one column per leaf; null is missing, or the leaf does not apply.
        applies: leaves × units, whether the leaf applies to the unit.
    """

    frame: pl.DataFrame
    applies: Bools


def check_values(scheme: Scheme, tree: Outline, units: pl.DataFrame, values: pl.DataFrame) -> UnitValues:
    """Checks units and values, and puts them side by side.

    Args:
        scheme: what they are for.
        tree: its outline.
        units: ``unit_code`` and every attribute that the scheme groups by or limits leaves by: text, or a list of texts, of
            which one is enough to be meant, and which make one group together.
        values: ``unit_code`` and a column per leaf; columns and rows that are not there are missing values. Other
            columns are not looked at.

    Raises:
        DomainError: ``scheme.values_invalid`` with the first 1,000 faults: column missing, unit doubled or unknown or not
            judged by the scheme, attribute missing, value of another kind, not finite, count below 0, no choice of the rule.
    """
    faults = list(_column_faults(scheme, tree, units, values))
    if not faults:
        faults = [*_unit_faults(scheme, tree, units, values), *_value_faults(tree, values)]
    _refuse(faults)
    attributes = units.sort(UNIT)
    applies = np.array([_matches(attributes, leaf.applies_to) for leaf in tree.leaves])
    named = [_in_one(attributes, name) for name in scheme.group_by]
    group = pl.concat_str(named, separator="/") if named else pl.lit(EVERYBODY)
    codes = attributes.select(UNIT, group.alias(GROUP))
    joined = codes.join(_typed(tree, values), on=UNIT, how="left", maintain_order="left")
    masked = [
        column if mask.all() else column.set(pl.Series(~mask), None)
        for column, mask in zip(joined.get_columns()[2:], applies, strict=True)
    ]
    return UnitValues(codes.hstack(masked), applies)


def _in_one(units: pl.DataFrame, attribute: str) -> pl.Expr:
    """An attribute as the text that names a group: ``primary+junior_secondary`` of several."""
    is_list = isinstance(units.schema[attribute], pl.List)
    return pl.col(attribute).list.join("+") if is_list else pl.col(attribute)


def check_errors(tree: Outline, checked: UnitValues, errors: pl.DataFrame | None) -> dict[int, Floats]:
    """Standard errors by position of the leaf, in the order of the units; 0 where there is none.

    Args:
        tree: the scheme's outline.
        checked: the values they belong to.
        errors: ``unit_code`` and a column per leaf whose values are numbers or counts.

    Raises:
        DomainError: ``scheme.values_invalid``: an error that is no number, not finite or below 0, of a leaf without numbers,
            or of an unknown or doubled unit.
    """
    if errors is None:
        return {}
    numbers = {number: leaf for number, leaf in enumerate(tree.leaves) if leaf.code in errors.columns}
    faults = [
        Fault("scheme.error_kind", column=leaf.code)
        for leaf in numbers.values()
        if leaf.rule.value_kind not in (ValueKind.NUMBER, ValueKind.COUNT)
        or not _fits(errors.schema[leaf.code], ValueKind.NUMBER)
    ]
    if not faults:
        faults += _at("scheme.unit_twice", errors, pl.col(UNIT).is_duplicated())
        faults += _at("scheme.unit_unknown", errors, ~pl.col(UNIT).is_in(checked.frame[UNIT].implode()))
        for leaf in numbers.values():
            value = pl.col(leaf.code).cast(pl.Float64)
            faults += _at("scheme.error_kind", errors, ~value.is_finite() | (value < 0), column=leaf.code)
    _refuse(faults)
    joined = checked.frame.select(UNIT).join(errors, on=UNIT, how="left", maintain_order="left")
    return {
        number: joined[leaf.code].cast(pl.Float64).fill_null(0.0).to_numpy()
        for number, leaf in numbers.items()
        if joined[leaf.code].null_count() < joined.height
    }


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        shown = faults[:FAULTS_SHOWN]
        raise DomainError("scheme.values_invalid", params={"count": len(faults)}, faults=shown, fault_count=len(faults))


def _column_faults(scheme: Scheme, tree: Outline, units: pl.DataFrame, values: pl.DataFrame) -> Iterator[Fault]:
    needed = {UNIT: units, **dict.fromkeys(_attributes(scheme, tree), units)}
    for column in needed:
        if column not in units.columns:
            yield Fault("scheme.column_missing", column=column)
    if UNIT not in values.columns:
        yield Fault("scheme.column_missing", column=UNIT)
    for leaf in tree.leaves:
        if leaf.code in values.columns and not _fits(values.schema[leaf.code], leaf.rule.value_kind):
            yield Fault("scheme.value_kind", column=leaf.code, allowed=leaf.rule.value_kind.value)


def _unit_faults(scheme: Scheme, tree: Outline, units: pl.DataFrame, values: pl.DataFrame) -> Iterator[Fault]:
    for frame in (units, values):
        yield from _at("scheme.unit_missing", frame, pl.col(UNIT).is_null())
        yield from _at("scheme.unit_twice", frame, pl.col(UNIT).is_duplicated() & pl.col(UNIT).is_not_null())
    yield from _at("scheme.unit_unknown", values, ~pl.col(UNIT).is_in(units[UNIT].implode()))
    for attribute in _attributes(scheme, tree):
        yield from _at("scheme.attribute_missing", units, pl.col(attribute).is_null(), column=attribute)
    if scheme.applies_to:
        judged = pl.Series(_matches(units, scheme.applies_to))
        yield from _at("scheme.unit_not_judged", units, ~judged)


def _value_faults(tree: Outline, values: pl.DataFrame) -> Iterator[Fault]:
    """First whether any value of any leaf breaks any rule, in one look; then which."""
    rules = [rule for leaf in tree.leaves for rule in _value_rules(leaf, values)]
    if not rules:
        return
    broken = values.select(hits.any().alias(f"{place}") for place, (_, _, hits, _) in enumerate(rules)).row(0)
    for is_broken, (code, column, hits, allowed) in zip(broken, rules, strict=True):
        if is_broken:
            yield from _at(code, values, hits, column=column, allowed=allowed)


def _value_rules(leaf: Leaf, values: pl.DataFrame) -> Iterator[tuple[str, str, pl.Expr, str | None]]:
    if leaf.code not in values.columns or values.schema[leaf.code] == pl.Null:
        return
    value, kind = pl.col(leaf.code), leaf.rule.value_kind
    if kind in (ValueKind.NUMBER, ValueKind.COUNT):
        yield "scheme.value_not_finite", leaf.code, ~value.is_finite(), None
    if kind is ValueKind.COUNT:
        yield "scheme.count_negative", leaf.code, value < 0, None
    if kind is ValueKind.CHOICE:
        yield "scheme.value_not_choice", leaf.code, ~value.is_in(list(leaf.rule.choices)), ", ".join(leaf.rule.choices)


def _at(
    code: str, frame: pl.DataFrame, hits: pl.Expr | pl.Series, *, column: str = UNIT, allowed: str | None = None
) -> Iterator[Fault]:
    for (unit,) in frame.filter(hits).select(pl.col(UNIT).cast(pl.String)).iter_rows():
        yield Fault(code, column=column, source_id=unit, allowed=allowed)


def _attributes(scheme: Scheme, tree: Outline) -> Iterable[str]:
    named = [*scheme.group_by, *scheme.applies_to]
    for leaf in tree.leaves:
        named += leaf.applies_to
    return dict.fromkeys(named)


def _matches(units: pl.DataFrame, limits: Mapping[str, tuple[str, ...]]) -> Bools:
    matched = np.ones(units.height, np.bool_)
    for attribute, allowed in limits.items():
        column = units[attribute]
        if isinstance(column.dtype, pl.List):
            hits = units.select(pl.col(attribute).list.eval(pl.element().is_in(list(allowed))).list.any()).to_series()
        else:
            hits = column.is_in(list(allowed))
        matched &= hits.fill_null(value=False).to_numpy()
    return matched


def _fits(dtype: pl.DataType, kind: ValueKind) -> bool:
    if dtype == pl.Null:
        return True
    if kind in (ValueKind.NUMBER, ValueKind.COUNT):
        return dtype.is_numeric()
    return dtype == _TYPES[kind] or (kind is ValueKind.CHOICE and isinstance(dtype, (pl.Enum, pl.Categorical)))


def _typed(tree: Outline, values: pl.DataFrame) -> pl.DataFrame:
    return values.select(UNIT, *(_column(leaf, values).alias(leaf.code) for leaf in tree.leaves))


def _column(leaf: Leaf, values: pl.DataFrame) -> pl.Expr:
    dtype = _TYPES[leaf.rule.value_kind]
    return pl.col(leaf.code).cast(dtype) if leaf.code in values.columns else pl.lit(None, dtype)
