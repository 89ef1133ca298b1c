"""A scheme as its document says it: every weight, rule and set of grades with the days it holds from (docs/schemes.md)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, TypeVar

from shared.scoring.rules.base import Rule
from shared.scoring.scheme.tree import (
    Branch,
    EvaluationKind,
    Evaluator,
    GradeBand,
    Leaf,
    Method,
    Missing,
    Name,
    Scheme,
    Source,
    SubjectOfScheme,
)
from shared.terms.errors import DomainError

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedValue(Generic[Value]):
    """A value, the day it holds from and the document that says so are one record.

    Args:
        value: the value.
        from_on: first day; ``None`` for a value given without days, which holds all the time.
        document: where it stands.
        last_confirmed_on: until when it is known to be unchanged.
        is_verified: whether it was checked against the document; ``None`` where that is said of the node only.
        line: in the file.
    """

    value: Value
    from_on: dt.date | None = None
    document: str | None = None
    last_confirmed_on: dt.date | None = None
    is_verified: bool | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Dated(Generic[Value]):
    """One thing's values, in the order of the file."""

    values: tuple[DatedValue[Value], ...]
    line: int | None = None

    def at(self, day: dt.date) -> Value | None:
        """The value on a day; ``None`` before the first."""
        holding = [value for value in self.values if value.from_on is None or value.from_on <= day]
        return max(holding, key=lambda value: value.from_on or dt.date.min).value if holding else None

    @property
    def days(self) -> tuple[dt.date, ...]:
        """Days on which a value begins."""
        return tuple(value.from_on for value in self.values if value.from_on is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """First and last day of a scheme or of a node in it; ``None`` for no limit of its own."""

    from_on: dt.date | None = None
    until_on: dt.date | None = None

    def holds(self, day: dt.date) -> bool:
        """Whether a day lies in it."""
        return (self.from_on is None or self.from_on <= day) and (self.until_on is None or day <= self.until_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeEntry:
    """What dimensions, indicators and checkpoints have in common.

    Args:
        code: unique in the scheme.
        name: what people read.
        weight: relative to its siblings.
        life: its own first and last day.
        document: source of its definition.
        is_verified: whether that was checked against the official text.
        note: for those who keep the scheme.
        line: in the file.
    """

    code: str
    name: Name
    weight: Dated[Decimal]
    life: Life = Life()
    document: str | None = None
    is_verified: bool = False
    note: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafEntry(NodeEntry):
    """A leaf; see :class:`shared.scoring.scheme.tree.Leaf`."""

    rule: Dated[Rule]
    source: Source
    evaluators: tuple[Evaluator, ...]
    methods: tuple[Method, ...]
    evaluation_kind: EvaluationKind
    missing: Missing = Missing.REWEIGHT
    is_exam_derived: bool = False
    is_observed_only: bool = False
    applies_to: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    asks: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchEntry(NodeEntry):
    """A dimension or indicator.

    Args:
        children: what it is made of.
        weights_sum_to: what the weights of its children add up to, where the document says so.
    """

    children: tuple[BranchEntry | LeafEntry, ...]
    weights_sum_to: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeDocument:
    """A scheme's whole document.

    Args:
        code: e.g. ``compulsory_school``.
        name: what people read.
        of: who is judged.
        life: first and last day.
        children: dimensions.
        grades: bands of the total, best first.
        weights_sum_to: what the weights of the dimensions add up to, where the document says so.
        group_by: attributes that make the groups of comparison.
        applies_to: attribute → values of the units it judges.
        shows_total: whether those judged may see a total; else grades only.
        document: source document.
        is_verified: whether the whole was checked against it.
        note: for those who keep the scheme.
        line: of its code.
    """

    code: str
    name: Name
    of: SubjectOfScheme
    life: Life
    children: tuple[BranchEntry, ...]
    grades: Dated[tuple[GradeBand, ...]]
    weights_sum_to: Decimal | None = None
    group_by: tuple[str, ...] = ()
    applies_to: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shows_total: bool = True
    document: str | None = None
    is_verified: bool = False
    note: str | None = None
    line: int | None = None

    def nodes(self) -> Iterator[BranchEntry | LeafEntry]:
        """Every node, parents before children, in the order of the file."""
        for child in self.children:
            yield from _walk(child)

    def leaves(self) -> Iterator[LeafEntry]:
        """Every leaf, in the order of the file."""
        return (node for node in self.nodes() if isinstance(node, LeafEntry))

    @property
    def days(self) -> tuple[dt.date, ...]:
        """Days on which anything changes, the first of its life included."""
        dated = [day for node in self.nodes() for day in _days(node)]
        first = self.life.from_on or dt.date.min
        return tuple(
            sorted({first, *(day for day in (*dated, *self.grades.days) if self.life.holds(day) and day > first)})
        )

    @property
    def last_days(self) -> tuple[dt.date, ...]:
        """The last day before anything changes again, for each of ``days``; the end of time where nothing does."""
        later = [day - dt.timedelta(days=1) for day in self.days[1:]]
        return (*later, self.life.until_on or dt.date.max)

    def as_of(self, day: dt.date) -> Scheme:
        """The scheme as it stands on a day.

        Raises:
            DomainError: ``scheme.not_in_force`` outside its life; ``scheme.no_value`` where a dated value begins later.
        """
        if not self.life.holds(day):
            first, last = self.life.from_on or "", self.life.until_on or ""
            raise DomainError(
                "scheme.not_in_force", params={"code": self.code, "day": day, "from": first, "until": last}
            )
        return Scheme(
            code=self.code,
            name=self.name,
            of=self.of,
            as_of=day,
            children=tuple(_branch(child, day) for child in self.children if child.life.holds(day)),
            grades=_at(self.grades, day, self.code),
            group_by=self.group_by,
            applies_to=self.applies_to,
            shows_total=self.shows_total,
            document=self.document,
            is_verified=self.is_verified,
        )


def _walk(node: BranchEntry | LeafEntry) -> Iterator[BranchEntry | LeafEntry]:
    yield node
    if isinstance(node, BranchEntry):
        for child in node.children:
            yield from _walk(child)


def _days(node: BranchEntry | LeafEntry) -> Iterator[dt.date]:
    yield from node.weight.days
    if isinstance(node, LeafEntry):
        yield from node.rule.days
    if node.life.from_on is not None:
        yield node.life.from_on
    if node.life.until_on is not None and node.life.until_on < dt.date.max:
        yield node.life.until_on + dt.timedelta(days=1)


def _at(dated: Dated[Value], day: dt.date, code: str) -> Value:
    value = dated.at(day)
    if value is None:
        raise DomainError("scheme.no_value", params={"code": code, "day": day})
    return value


def _node(entry: BranchEntry | LeafEntry, day: dt.date) -> Branch | Leaf:
    return _branch(entry, day) if isinstance(entry, BranchEntry) else _leaf(entry, day)


def _branch(entry: BranchEntry, day: dt.date) -> Branch:
    return Branch(
        code=entry.code,
        name=entry.name,
        weight=_at(entry.weight, day, entry.code),
        children=tuple(_node(child, day) for child in entry.children if child.life.holds(day)),
        document=entry.document,
        is_verified=entry.is_verified,
    )


def _leaf(entry: LeafEntry, day: dt.date) -> Leaf:
    return Leaf(
        code=entry.code,
        name=entry.name,
        weight=_at(entry.weight, day, entry.code),
        rule=_at(entry.rule, day, entry.code),
        source=entry.source,
        evaluators=entry.evaluators,
        methods=entry.methods,
        evaluation_kind=entry.evaluation_kind,
        missing=entry.missing,
        is_exam_derived=entry.is_exam_derived,
        is_observed_only=entry.is_observed_only,
        applies_to=entry.applies_to,
        document=entry.document,
        is_verified=entry.is_verified,
        asks=entry.asks,
    )
