"""Values of leaves as people say them: whether a leaf is for a unit, what a value may be, how it is kept and shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from shared.scoring.rules.base import ValueKind
from shared.scoring.scheme.tree import Leaf

Raw = bool | int | float | str | None
_MOST = Decimal(10) ** 12


def matches(value: str | Sequence[str] | None, allowed: Collection[str]) -> bool:
    """Whether an attribute has one of the values; of an attribute with several values one is enough."""
    if value is None:
        return False
    return value in allowed if isinstance(value, str) else any(each in allowed for each in value)


def applies(leaf: Leaf, attributes: Mapping[str, Any]) -> bool:
    """Whether a school is judged by a leaf."""
    return all(matches(attributes.get(name), values) for name, values in leaf.applies_to.items())


def canonical(leaf: Leaf, value: Raw) -> str | None:
    """A value as it is kept: text of a decimal, of a choice, ``true`` or ``false``; ``None`` stays.

    Raises:
        ValueError: it is not what the leaf's rule takes; the argument says what would be.
    """
    if value is None:
        return None
    match leaf.rule.value_kind:
        case ValueKind.YES_NO:
            return _yes_no(value)
        case ValueKind.CHOICE:
            if not isinstance(value, str) or value not in leaf.rule.choices:
                raise ValueError(" | ".join(leaf.rule.choices))
            return value
        case ValueKind.COUNT:
            return _number(value, is_count=True)
        case ValueKind.NUMBER:
            return _number(value, is_count=False)


def _yes_no(value: Raw) -> str:
    if not isinstance(value, bool):
        raise ValueError("true | false")
    return "true" if value else "false"


def _number(value: Raw, *, is_count: bool) -> str:
    expected = "0, 1, 2, …" if is_count else "a number"
    if isinstance(value, bool) or value is None:
        raise ValueError(expected)
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError(expected) from error
    if not number.is_finite() or abs(number) > _MOST:
        raise ValueError(expected)
    if is_count and (number < 0 or number != number.to_integral_value()):
        raise ValueError(expected)
    return format(number.normalize(), "f")


def shown(leaf: Leaf, value: str | None) -> Raw:
    """A kept value as callers read it."""
    if value is None:
        return None
    match leaf.rule.value_kind:
        case ValueKind.YES_NO:
            return value == "true"
        case ValueKind.CHOICE:
            return value
        case ValueKind.COUNT | ValueKind.NUMBER:
            return float(value)


def shown_text(value: Raw) -> str | None:
    """A value as text, as values are kept."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else format(Decimal(str(value)).normalize(), "f")
