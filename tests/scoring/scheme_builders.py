"""Small schemes for tests, with rules plain enough to be worked out in the head."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar, Self

import polars as pl

from shared.scoring.rules.base import Rule, Sentence, ValueKind
from shared.scoring.rules.parameters import ParameterReader
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
    SourceKind,
    SubjectOfScheme,
)


class PlainRule(Rule):
    """What the rules here have in common; none of them is read from a file."""

    @classmethod
    def parse(cls, content: Mapping[str, Any]) -> Self:
        return cls(**content)

    @classmethod
    def read(cls, reader: ParameterReader) -> Self:
        raise TypeError("a rule of the tests is built, not read")

    @property
    def description(self) -> Sentence:
        return Sentence(self.kind, self.kind)

    def sentence(self, value: Any, share: float | None) -> Sentence:
        return Sentence(f"{value} 得 {share}", f"{value} gives {share}")


@dataclass(frozen=True)
class Percent(PlainRule):
    """A hundredth of the value is its share, between 0 and 1."""

    kind: ClassVar[str] = "percent"
    value_kind: ClassVar[ValueKind] = ValueKind.NUMBER

    def share(self, value: pl.Expr, *, group: str) -> pl.Expr:
        return (value / 100).clip(0, 1)


@dataclass(frozen=True)
class Events(PlainRule):
    """Every event takes a tenth away."""

    kind: ClassVar[str] = "events"
    value_kind: ClassVar[ValueKind] = ValueKind.COUNT

    def share(self, value: pl.Expr, *, group: str) -> pl.Expr:
        return (1 - value / 10).clip(0, 1)


@dataclass(frozen=True)
class Letters(PlainRule):
    """A is all, B is half, C is nothing."""

    kind: ClassVar[str] = "letters"
    value_kind: ClassVar[ValueKind] = ValueKind.CHOICE
    shares: Mapping[str, float] = field(default_factory=lambda: {"A": 1.0, "B": 0.5, "C": 0.0})

    def share(self, value: pl.Expr, *, group: str) -> pl.Expr:
        return value.replace_strict(self.shares, default=None, return_dtype=pl.Float64)

    @property
    def choices(self) -> tuple[str, ...]:
        return tuple(self.shares)


@dataclass(frozen=True)
class Place(PlainRule):
    """The best of its group has all, the last nothing."""

    kind: ClassVar[str] = "place"
    value_kind: ClassVar[ValueKind] = ValueKind.NUMBER

    def share(self, value: pl.Expr, *, group: str) -> pl.Expr:
        count = value.count().over(group)
        return (count - value.rank("min", descending=True).over(group)) / (count - 1)


@dataclass(frozen=True)
class Strikes(PlainRule):
    """A veto: yes strikes."""

    kind: ClassVar[str] = "strikes"
    value_kind: ClassVar[ValueKind] = ValueKind.YES_NO
    caps_at: str | None = "C"

    def share(self, value: pl.Expr, *, group: str) -> pl.Expr:
        return 1.0 - value.cast(pl.Float64)


GRADES = tuple(
    GradeBand(grade, Name(grade, grade), Decimal(least)) for grade, least in (("A", 90), ("B", 80), ("C", 60), ("D", 0))
)


def leaf(code: str, weight: str | int = 1, *, rule: Rule | None = None, **changes: Any) -> Leaf:
    """A leaf; a percentage unless told otherwise."""
    return Leaf(
        code=code,
        name=Name(f"要点{code}", f"Checkpoint {code}"),
        weight=Decimal(weight),
        rule=rule or Percent(),
        **{
            "source": Source(SourceKind.SELF_ASSESSMENT, code),
            "evaluators": (Evaluator.SCHOOL,),
            "methods": (Method.DOCUMENTS,),
            "evaluation_kind": EvaluationKind.PROCESS,
            "missing": Missing.REWEIGHT,
        }
        | changes,
    )


def branch(code: str, weight: str | int, *children: Branch | Leaf) -> Branch:
    """A dimension or indicator."""
    return Branch(code=code, name=Name(f"维度{code}", f"Dimension {code}"), weight=Decimal(weight), children=children)


def scheme(*children: Branch, group_by: tuple[str, ...] = (), **changes: Any) -> Scheme:
    """A scheme of schools with grades A 90, B 80, C 60, D."""
    return Scheme(
        code="plain",
        name=Name("小方案", "Small scheme"),
        of=SubjectOfScheme.SCHOOL,
        as_of=dt.date(2026, 9, 1),
        children=children,
        **{"grades": GRADES, "group_by": group_by} | changes,
    )


def schools(count: int, **attributes: list[Any]) -> pl.DataFrame:
    """Units s00, s01 …"""
    return pl.DataFrame({"unit_code": [f"s{number:02d}" for number in range(count)], **attributes})


def values_of(**columns: list[Any]) -> pl.DataFrame:
    """Values of s00, s01 …; underscores in column names stand for dots."""
    count = len(next(iter(columns.values())))
    return schools(count, **{name.replace("_", "."): column for name, column in columns.items()})
