"""What is wrong with a scheme as written: level, line and words (docs/schemes.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from shared.scoring.rules.base import Sentence
from shared.terms.errors import DomainError, Fault
from shared.terms.problem_catalogue import catalogue

FINDINGS_SHOWN = 1000


class Level(StrEnum):
    """How much a finding matters, gravest first."""

    ERROR = "error"
    """The scheme cannot be published."""
    FUTURE_ERROR = "future_error"
    """It can be, for now; a later release will refuse it."""
    WARNING = "warning"
    """Somebody should know."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Args:
        level: how much it matters.
        code: a fault of the catalogue, ``scheme.…``.
        line: in the scheme's file, the first being 1; ``None`` for the scheme as a whole.
        node: code of the node it is about.
        params: for its words.
    """

    level: Level
    code: str
    line: int | None = None
    node: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> Sentence:
        """What is wrong."""
        problem = catalogue()[self.code]
        return Sentence(problem.sentence("zh", self.params), problem.sentence("en", self.params))

    @property
    def fault(self) -> Fault:
        """As an entry of ``errors``."""
        return Fault(self.code, row=self.line, column=self.node, params=self.params)


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those that keep a scheme from being published."""
    return tuple(finding for finding in findings if finding.level is Level.ERROR)


def sorted_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """In the order of the file, each once."""
    seen: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        key = (finding.level, finding.code, finding.line, finding.node, tuple(sorted(map(str, finding.params.items()))))
        seen.setdefault(key, finding)
    return tuple(sorted(seen.values(), key=lambda finding: finding.line or 0))


def require_sound(findings: Sequence[Finding]) -> None:
    """Refuses a scheme with errors.

    Raises:
        DomainError: ``scheme.faulty`` with every error.
    """
    found = errors(findings)
    if found:
        faults = [finding.fault for finding in found[:FINDINGS_SHOWN]]
        raise DomainError("scheme.faulty", params={"count": len(found)}, faults=faults, fault_count=len(found))
