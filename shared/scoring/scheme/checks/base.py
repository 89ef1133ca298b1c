"""What a check of a scheme is and what it may look at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from shared.scoring.rules.base import Sentence
from shared.scoring.scheme.document import BranchEntry, LeafEntry, SchemeDocument
from shared.scoring.scheme.examples import SchemeExamples
from shared.scoring.scheme.findings import Finding, Level
from shared.scoring.scheme.items import SchemeItems
from shared.scoring.scheme.tree import Evaluator, Scheme, Source, SourceKind
from shared.terms.errors import DomainError

COMPUTED = frozenset(
    {SourceKind.MONITORING, SourceKind.STATISTICS, SourceKind.SURVEY, SourceKind.RECORDS, SourceKind.ROLL_UP}
)
"""Sources whose values nobody enters for the evaluation."""


class Objection(Protocol):
    """What the law says against a node; ``shared.policy.schemes`` makes them."""

    @property
    def code(self) -> str:
        """A fault of the catalogue."""

    @property
    def node(self) -> str | None:
        """Code of the node; ``None`` for the scheme as a whole."""

    @property
    def params(self) -> dict[str, str]:
        """For its words; the rule it cites among them."""


Law = Callable[[SchemeItems], Sequence[Objection]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckContext:
    """What checks look at.

    Args:
        document: the scheme.
        schemes: as it stands on every day on which something changes.
        examples: worked examples, if there are any.
        law: what the law refuses.
        knows_source: whether values can be had from a source; ``None`` where nobody knows.
        on: the day of the check, for how long ago something was confirmed.
    """

    document: SchemeDocument
    schemes: tuple[Scheme, ...]
    examples: SchemeExamples | None = None
    law: Law | None = None
    knows_source: Callable[[Source], bool] | None = None
    on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Args:
        name: its file.
        summary: what it asks, for the reference page.
        find: everything it finds.
        needs_sound: whether it is left out while others find errors.
    """

    name: str
    summary: Sentence
    find: Callable[[CheckContext], Iterator[Finding]]
    needs_sound: bool = False


def schemes_on(document: SchemeDocument, days: Iterable[dt.date]) -> tuple[Scheme, ...]:
    """The scheme on every day on which it can be had; where it cannot, the check of dates says why."""
    found = []
    for day in days:
        with suppress(DomainError):
            found.append(document.as_of(day))
    return tuple(found)


def error(code: str, about: BranchEntry | LeafEntry | None, /, *, line: int | None = None, **params: object) -> Finding:
    """A finding that keeps a scheme from being published."""
    return finding(Level.ERROR, code, about, line=line, **params)


def warning(
    code: str, about: BranchEntry | LeafEntry | None, /, *, line: int | None = None, **params: object
) -> Finding:
    """A finding that somebody should know of."""
    return finding(Level.WARNING, code, about, line=line, **params)


def finding(
    level: Level, code: str, about: BranchEntry | LeafEntry | None, /, *, line: int | None = None, **params: object
) -> Finding:
    """A finding about a node; its code is among the parameters of the words."""
    if about is None:
        return Finding(level, code, line, params=params)
    return Finding(level, code, line or about.line, about.code, {"node": about.code, **params})


def is_computed(leaf: LeafEntry) -> bool:
    """Whether nobody enters its value."""
    return leaf.source.kind in COMPUTED


def is_veto(leaf: LeafEntry) -> bool:
    """Whether any of its rules caps the grade."""
    return any(value.value.caps_at is not None for value in leaf.rule.values)


def carries_no_marks(node: BranchEntry | LeafEntry) -> bool:
    """Whether its weight must be 0: a veto, what is only observed, and branches of nothing else."""
    if isinstance(node, LeafEntry):
        return is_veto(node) or node.is_observed_only
    return all(carries_no_marks(child) for child in node.children)


def figures_asked(document: SchemeDocument, evaluator: Evaluator) -> int:
    """How many figures an evaluator enters by hand."""
    return sum(leaf.asks for leaf in document.leaves() if evaluator in leaf.evaluators and not is_computed(leaf))
