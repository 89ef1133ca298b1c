"""Education areas: the regions that own schools, from ``regions.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from shared.terms.organization import OrgLevel, county_path, org_path

FILE = Path(__file__).with_suffix(".yaml")


@dataclass(frozen=True, slots=True)
class Region:
    """A city or an education area of county level.

    Args:
        code: six characters; GB/T 2260, or ours when ``internal``.
        level: ``city`` or ``county``.
        name: keyed ``zh`` and ``en``.
        parent: code of the city a county belongs to.
        internal: the standard has no code for it.
        verified: name and code were checked against a published source.
        test: exists outside production only.
        historic: former codes of the same region.
    """

    code: str
    level: OrgLevel
    name: Mapping[str, str]
    parent: str | None
    internal: bool
    verified: bool
    test: bool
    historic: tuple[str, ...]

    @property
    def path(self) -> str:
        """Its organization path."""
        return county_path(self.code) if self.level is OrgLevel.COUNTY else org_path(self.code[:2], self.code[:4])

    @property
    def province(self) -> str:
        """Two-digit code of its province."""
        return self.code[:2]


def regions(*, include_test: bool) -> tuple[Region, ...]:
    """All regions, cities before their counties."""
    return tuple(region for region in _all() if include_test or not region.test)


def county_of(code: str, *, include_test: bool) -> Region | None:
    """The county-level region with a code, or that once had it; ``None`` when there is none."""
    found = _counties().get(code)
    return found if found is not None and (include_test or not found.test) else None


@cache
def _all() -> tuple[Region, ...]:
    return tuple(_region(entry) for entry in yaml.safe_load(FILE.read_text("utf-8"))["regions"])


@cache
def _counties() -> Mapping[str, Region]:
    """Counties by current and by historic code; raises ``ValueError`` when two claim the same."""
    found: dict[str, Region] = {}
    for region in _all():
        for code in (region.code, *region.historic) if region.level is OrgLevel.COUNTY else ():
            if found.setdefault(code, region) is not region:
                raise ValueError(f"{FILE.name}: {code} stands for two regions")
    return found


def _region(entry: Mapping[str, Any]) -> Region:
    return Region(
        code=entry["code"],
        level=OrgLevel(entry["level"]),
        name=entry["name"],
        parent=entry.get("parent"),
        internal=entry.get("internal", False),
        verified=entry["verified"],
        test=entry.get("test", False),
        historic=tuple(entry.get("historic", ())),
    )
