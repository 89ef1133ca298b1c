"""What a scoring rule is: from a leaf's raw value to the share of its full marks (SCORING §10.1)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Self

import polars as pl


class ValueKind(StrEnum):
    """What a leaf's raw value is."""

    NUMBER = "number"
    """A measured figure: Float64."""
    COUNT = "count"
    """A number of events, 0 or more: Float64."""
    CHOICE = "choice"
    """One of the rule's levels: String."""
    YES_NO = "yes_no"
    """Boolean."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words about one value, Chinese first."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class RuleFault:
    """What is wrong with a rule as written.

    Args:
        path: where in the rule's mapping, e.g. ``("bands", 2, "from")``.
        code: a problem of the catalogue, ``scheme.rule_…``.
        params: for its words.
    """

    path: tuple[str | int, ...]
    code: str
    params: Mapping[str, Any]


class Rule(ABC):
    """One rule with its parameters. Rules are frozen dataclasses; a kind is one file and one entry in ``RULES``."""

    kind: ClassVar[str]
    """Its name in schemes, e.g. ``linear``."""
    value_kind: ClassVar[ValueKind]
    caps_at: str | None = None
    """Of a veto: the grade that the total cannot exceed where it strikes; such a rule brings no marks."""

    @classmethod
    @abstractmethod
    def parse(cls, content: Mapping[str, Any]) -> Self:
        """The rule written as ``{kind: …, parameters…}``; only called on content without :meth:`faults`."""

    @classmethod
    @abstractmethod
    def faults(cls, content: Mapping[str, Any]) -> Iterator[RuleFault]:
        """Everything that is wrong with the parameters, all at once."""

    @abstractmethod
    def share(self, value: pl.Expr, *, group: str) -> pl.Expr:
        """Share of the full marks, 0 to 1.

        Args:
            value: raw values, of the type that ``value_kind`` names; null is missing and stays null.
            group: column of the group that a unit is compared in; only rules that rank within groups read it.

        Returns:
            A Float64 expression; of a veto, 0 where it strikes and 1 elsewhere.
        """

    @abstractmethod
    def sentence(self, value: Any, share: float | None) -> Sentence:
        """How a value came to its share, for the one it is about."""

    @property
    def choices(self) -> tuple[str, ...]:
        """Values that may be entered, where they are a list."""
        return ()
