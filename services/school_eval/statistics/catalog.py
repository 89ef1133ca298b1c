"""The catalog of school statistics: what is entered, what it has to agree with, what is worked out from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("statistics.yaml")


class Kind(StrEnum):
    """What a figure is."""

    COUNT = "count"
    AREA = "area"
    """m²"""
    AMOUNT = "amount"
    """yuan"""


@dataclass(frozen=True, slots=True)
class Item:
    """A figure that a school enters once a year.

    Args:
        code: its name.
        name: in ``zh`` and ``en``.
        kind: what it is.
        most: above it a figure is taken for a slip.
        within: an item that it cannot exceed.
    """

    code: str
    name: Mapping[str, str]
    kind: Kind
    most: int
    within: str | None

    @property
    def decimals(self) -> int:
        """Digits after the point: none of counts, two of areas and amounts."""
        return 0 if self.kind is Kind.COUNT else 2


@dataclass(frozen=True, slots=True)
class DerivedItem:
    """A figure worked out from entered ones: the sum of ``of`` over ``by``, times ``per``; none where ``by`` is 0."""

    code: str
    name: Mapping[str, str]
    of: tuple[str, ...]
    by: str
    per: int

    def value(self, values: Mapping[str, Decimal]) -> Decimal | None:
        """The figure of one school; ``None`` where anything it needs is missing."""
        divisor = values.get(self.by)
        if not divisor or any(code not in values for code in self.of):
            return None
        return sum((values[code] for code in self.of), Decimal(0)) * self.per / divisor


@dataclass(frozen=True, slots=True)
class Catalog:
    """All items and what is derived, in order."""

    document: str
    verified: bool
    items: Mapping[str, Item]
    derived: Mapping[str, DerivedItem]


@cache
def catalog() -> Catalog:
    """The catalog; raises ``ValueError`` on one that refers to items it does not have."""
    content: dict[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    items = {
        code: Item(code, entry["name"], Kind(entry["kind"]), entry["most"], entry.get("within"))
        for code, entry in content["items"].items()
    }
    derived = {
        code: DerivedItem(code, entry["name"], tuple(entry["of"]), entry["by"], entry["per"])
        for code, entry in content["derived"].items()
    }
    named = {item.within for item in items.values() if item.within}
    named |= {code for entry in derived.values() for code in (*entry.of, entry.by)}
    if unknown := sorted(named - items.keys()):
        raise ValueError(f"the catalog of statistics names unknown items: {', '.join(unknown)}")
    return Catalog(content["document"], content["verified"], items, derived)
