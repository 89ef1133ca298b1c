"""Pure decisions about checklists: what a rating is worth, and what a whole list of ratings comes to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Routine(StrEnum):
    """The two routines (两项常规)."""

    MANAGEMENT = "management"
    TEACHING = "teaching"


class Scale(StrEnum):
    """How an item is rated."""

    YES_NO = "yes_no"
    FOUR_LEVELS = "four_levels"


#: Highest rating of each scale; the lowest is 0 (否 / 未做到).
HIGHEST: Mapping[Scale, int] = {Scale.YES_NO: 1, Scale.FOUR_LEVELS: 3}
LABELS: Mapping[Scale, Sequence[Mapping[str, str]]] = {
    Scale.YES_NO: ({"zh": "否", "en": "No"}, {"zh": "是", "en": "Yes"}),
    Scale.FOUR_LEVELS: (
        {"zh": "未做到", "en": "Not done"},
        {"zh": "部分做到", "en": "Done in part"},
        {"zh": "基本做到", "en": "Mostly done"},
        {"zh": "做得好", "en": "Done well"},
    ),
}


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """An item with its place.

    Args:
        key: ``checklist.section.item``, unique among all checklists of a visit; also the key of scheme leaves.
        scale: how it is rated.
        weight: relative to the items of its checklist.
        section: ``checklist.section``.
    """

    key: str
    scale: Scale
    weight: Decimal
    section: str

    def share(self, rating: int) -> float:
        """A rating as share of the highest, 0 to 1."""
        return rating / HIGHEST[self.scale]


def items_of(code: str, content: Mapping[str, Any]) -> Iterator[ChecklistItem]:
    """Items of a checklist in its order."""
    for section in content["sections"]:
        for item in section["items"]:
            place = f"{code}.{section['code']}"
            yield ChecklistItem(f"{place}.{item['code']}", Scale(item["scale"]), Decimal(item["weight"]), place)


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 of a checklist's content as canonical JSON."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def weighted_shares(items: Sequence[ChecklistItem], shares: Mapping[str, float]) -> dict[str, float]:
    """Shares of every section and checklist: the weighted mean of the items that apply.

    Args:
        items: every item of the checklists.
        shares: item key → share 0 to 1; items that do not apply are left out, and weigh nothing.

    Returns:
        Key of section or checklist → share 0 to 1; those without any item that applies are left out.
    """
    sums: dict[str, list[float]] = {}
    for item in items:
        if item.key in shares:
            for key in (item.section, item.section.partition(".")[0]):
                total = sums.setdefault(key, [0.0, 0.0])
                total[0] += float(item.weight) * shares[item.key]
                total[1] += float(item.weight)
    return {key: points / weight for key, (points, weight) in sums.items()}
