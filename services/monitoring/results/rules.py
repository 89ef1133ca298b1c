"""Pure decisions about result sets: versions, and which of them a reader gets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from shared.terms.errors import DomainError

#: Version of what the result frames mean and how they are laid out; counts up as the frames' schemas do.
DATA_MODEL_VERSION = "1.0.0"
PUBLISHED, WITHDRAWN = "published", "withdrawn"
#: Members of a definition, at any depth, that no figure follows from.
_PRESENTATION = frozenset({"name_zh", "name_en", "sample", "approval_document", "min_n_reason", "participants"})
_PIN = re.compile(r"([0-9]{1,9})(?:\.(?:\*|([0-9]{1,9})(?:\.(?:\*|([0-9]{1,9})))?))?")


class Version(Protocol):
    """A version of an exam's results, as stored."""

    major: Any
    minor: Any
    patch: Any
    state: Any
    reason: Any
    manifest: Any


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


class Step(StrEnum):
    """Which number of a version counts up."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"


def next_major(versions: Iterable[Version]) -> int:
    """Major number of the next version that begins a new line."""
    return max((version.major for version in versions), default=0) + 1


def in_force(versions: Iterable[V]) -> V | None:
    """The newest version if it stands; ``None`` before the first publication and after a withdrawal."""
    newest = max(versions, key=number_of, default=None)
    return newest if newest is not None and newest.state == PUBLISHED else None


def next_number(versions: Sequence[Version], manifest: Mapping[str, Any]) -> tuple[int, int, int]:
    """Number of the next published version.

    Args:
        versions: every version so far.
        manifest: what is to be published: ``definition``, ``methods``, ``data_model_version``, ``frames``.

    Returns:
        A new major line where nothing stands or the meaning of figures changed; else the version in force, one minor step
        further if a figure changed, one patch step if none did.
    """
    before = in_force(versions)
    if before is None:
        return next_major(versions), 0, 0
    major, minor, patch = number_of(before)
    match step_between(before.manifest, manifest):
        case Step.MAJOR:
            return next_major(versions), 0, 0
        case Step.MINOR:
            return major, minor + 1, 0
        case Step.PATCH:
            return major, minor, patch + 1


def step_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> Step:
    """How far one manifest is from the one before it (see docs/decisions, versions of results).

    A definition, a method or the data model that changed gives figures another meaning: major. The same meaning and other
    figures, or further tables: minor. The same figures: patch.
    """
    if _meaning(before) != _meaning(after) or _methods_changed(before, after):
        return Step.MAJOR
    return Step.PATCH if _files(before) == _files(after) else Step.MINOR


def _meaning(manifest: Mapping[str, Any]) -> tuple[Any, ...]:
    return _without_presentation(manifest["definition"]), manifest["data_model_version"].partition(".")[0]


def _methods_changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    then = {method["id"]: method["version"] for method in before["methods"]}
    now = {method["id"]: method["version"] for method in after["methods"]}
    return any(now.get(name) != version for name, version in then.items())


def _files(manifest: Mapping[str, Any]) -> dict[str, str]:
    return {name: file["sha256"] for name, file in manifest["frames"].items()}


def _without_presentation(content: Any) -> Any:
    if isinstance(content, Mapping):
        return {name: _without_presentation(part) for name, part in content.items() if name not in _PRESENTATION}
    return [_without_presentation(part) for part in content] if isinstance(content, list) else content


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
