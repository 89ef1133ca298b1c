"""Pure decisions about results: versions, and who is shown what of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar

from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel

#: Figures of other schools can be told from these, so they stay with the office that leads (DOMAIN H5).
CITY_ONLY = frozenset({"rank_in_group", "tie_count"})


class Version(Protocol):
    """A version, as stored."""

    major: Any
    minor: Any
    shown_at: Any


V = TypeVar("V", bound=Version)


def next_version(versions: Sequence[Version], *, is_ruling: bool) -> tuple[int, int]:
    """Number of the next version: a ruling counts up the minor number, a new computation the major one."""
    newest = newest_of(versions)
    if newest is None:
        return 1, 0
    return (newest.major, newest.minor + 1) if is_ruling else (newest.major + 1, 0)


def newest_of(versions: Iterable[V]) -> V | None:
    """The version in force."""
    return max(versions, key=lambda version: (version.major, version.minor), default=None)


def seen_by(versions: Iterable[V], *, is_leading: bool) -> list[V]:
    """Versions that somebody may see: the office that leads all, others those shown, newest first."""
    seen = [version for version in versions if is_leading or version.shown_at is not None]
    return sorted(seen, key=lambda version: (version.major, version.minor), reverse=True)


def pinned(versions: Sequence[V], pin: str | None) -> V:
    """The version asked for, by default the newest.

    Args:
        versions: those the reader may see, newest first.
        pin: ``1``, ``1.0`` or ``None``.

    Raises:
        DomainError: ``resource.not_found``.
    """
    wanted = tuple(int(part) for part in pin.split(".")) if pin else ()
    for version in versions:
        if (version.major, version.minor)[: len(wanted)] == wanted:
            return version
    raise DomainError("resource.not_found", params={"what": f"results {pin or ''}".strip()})


def sees_ranks(level: OrgLevel) -> bool:
    """Whether somebody is shown places: towards schools and counties there are bands, no ranks."""
    return level in (OrgLevel.CITY, OrgLevel.PROVINCE)
