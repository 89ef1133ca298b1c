"""Pure decisions about result sets: versions, and which of them a reader gets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from shared.terms.errors import DomainError

#: Version of what the result frames mean and how they are laid out; counts up as the frames' schemas do.
DATA_MODEL_VERSION = "1.0.0"
PUBLISHED, WITHDRAWN = "published", "withdrawn"
_PIN = re.compile(r"([0-9]{1,9})(?:\.(?:\*|([0-9]{1,9})(?:\.(?:\*|([0-9]{1,9})))?))?")


class Version(Protocol):
    """A version of an exam's results, as stored."""

    major: Any
    minor: Any
    patch: Any
    state: Any
    reason: Any


V = TypeVar("V", bound=Version)


@dataclass(frozen=True, slots=True)
class VersionPin:
    """Versions a reader accepts: ``1.*``, ``1.0.*`` or ``1.0.0``."""

    text: str
    parts: tuple[int, ...]

    def accepts(self, version: Version) -> bool:
        """Whether a version is one of them."""
        return number_of(version)[: len(self.parts)] == self.parts


def version_pin(text: str) -> VersionPin:
    """Reads a pin.

    Raises:
        DomainError: ``results.version_malformed``.
    """
    match = _PIN.fullmatch(text)
    if match is None:
        raise DomainError("results.version_malformed", params={"version": text[:40]})
    return VersionPin(text, tuple(int(part) for part in match.groups() if part is not None))


def number_of(version: Version) -> tuple[int, int, int]:
    """Major, minor, patch."""
    return version.major, version.minor, version.patch


def next_major(versions: Iterable[Version]) -> int:
    """Major number of the next version: publication and withdrawal each begin a new one."""
    return max((version.major for version in versions), default=0) + 1


def withdrawal_of(version: Version, versions: Iterable[V]) -> V | None:
    """The version that withdrew this one (itself, if it is a withdrawal); ``None`` while it stands."""
    later = [other for other in versions if other.state == WITHDRAWN and number_of(other) >= number_of(version)]
    return min(later, key=number_of, default=None)


def version_to_read(versions: Sequence[V], pin: VersionPin | None) -> V:
    """The newest version that the pin accepts.

    Raises:
        DomainError: ``results.not_published``, ``results.version_unknown``, ``results.withdrawn`` with the reason.
    """
    if not versions:
        raise DomainError("results.not_published")
    accepted = [version for version in versions if pin is None or pin.accepts(version)]
    if not accepted:
        raise DomainError("results.version_unknown", params={"version": pin.text if pin else "-"})
    newest = max(accepted, key=number_of)
    withdrawal = withdrawal_of(newest, versions)
    if withdrawal is not None:
        raise DomainError("results.withdrawn", params={"version": _text(newest), "reason": withdrawal.reason or "-"})
    return newest


def _text(version: Version) -> str:
    return ".".join(map(str, number_of(version)))
