"""Pure decisions about results: numbers of versions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar

from shared.terms.errors import DomainError


class Version(Protocol):
    """A version, as stored."""

    major: Any
    minor: Any


V = TypeVar("V", bound=Version)


def next_version(newest: Version | None, *, is_ruling: bool) -> tuple[int, int]:
    """Number of the next version: a ruling counts up the minor number, a new computation the major one."""
    if newest is None:
        return 1, 0
    return (newest.major, newest.minor + 1) if is_ruling else (newest.major + 1, 0)


def newest_of(versions: Iterable[V]) -> V | None:
    """The version in force."""
    return max(versions, key=lambda version: (version.major, version.minor), default=None)


def pinned(versions: Sequence[V], pin: str | None) -> V:
    """The version asked for (``1``, ``1.0``), by default the newest; raises ``resource.not_found``."""
    wanted = tuple(int(part) for part in pin.split(".")) if pin else ()
    ordered = sorted(versions, key=lambda version: (version.major, version.minor), reverse=True)
    for version in ordered:
        if (version.major, version.minor)[: len(wanted)] == wanted:
            return version
    raise DomainError("resource.not_found", params={"what": f"results {pin or ''}".strip()})


def withheld(counts: dict[str, int], *, least: int) -> frozenset[str]:
    """Which counts of one row may not be shown: those of fewer people than ``least``, and what would tell them.

    A single small count could be had from the sum, so the next smallest is withheld with it.
    """
    small = {name for name, count in counts.items() if 0 < count < least}
    if len(small) == 1:
        others = sorted((count, name) for name, count in counts.items() if name not in small and count > 0)
        small |= {others[0][1]} if others else set()
    return frozenset(small)


def quarter_of(total: float, quartiles: Sequence[float]) -> int:
    """In which quarter of its group a total lies, 1 the highest."""
    return 1 + sum(total < limit for limit in quartiles)
