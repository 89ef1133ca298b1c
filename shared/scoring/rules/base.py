"""What a scoring rule is: from a leaf's raw value to the share of its full marks (SCORING §10.1)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar, Self

import polars as pl

from shared.scoring.rounding import half_away_from_zero, half_away_from_zero_expr
from shared.scoring.rules.parameters import ParameterReader, RuleFault, exact

SHARE_DIGITS = 12
"""Decimal places of a share. Binary noise ends here, so that a half is a half when points are printed."""


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


class Better(StrEnum):
    """Which values are the better ones."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words about one value, Chinese first."""

    zh: str
    en: str


class Rule(ABC):
    """One rule with its parameters. Rules are frozen dataclasses; a kind is one file and one entry in ``RULES``."""

    kind: ClassVar[str]
    """Its name in schemes, e.g. ``linear``."""
    caps_at: str | None = None
    """Of a veto: the grade that the total cannot exceed where it strikes; such a rule brings no marks."""

    @property
    @abstractmethod
    def value_kind(self) -> ValueKind:
        """What its values are."""

    @classmethod
    @abstractmethod
    def read(cls, reader: ParameterReader) -> Self:
        """The rule with the parameters read; faults are reported to the reader."""

    @classmethod
    def parse(cls, content: Mapping[str, Any]) -> Self:
        """The rule written as ``{kind: …, parameters…}``.

        Raises:
            ValueError: when it has :meth:`faults`.
        """
        reader = ParameterReader(content)
        rule = cls.read(reader)
        reader.close()
        if not reader.is_sound:
            raise ValueError(f"the rule has faults: {[fault.path for fault in reader.faults]}")
        return rule

    @classmethod
    def faults(cls, content: Mapping[str, Any]) -> Iterator[RuleFault]:
        """Everything that is wrong with the parameters, all at once."""
        reader = ParameterReader(content)
        cls.read(reader)
        reader.close()
        return reader.faults

    @abstractmethod
    def share(self, value: pl.Expr, *, group: str) -> pl.Expr:
        """Share of the full marks, 0 to 1, to twelve decimals.

        Args:
            value: raw values, of the type that ``value_kind`` names; null is missing and stays null. NaN and words that are
                none of ``choices`` are refused before.
            group: column of the group that a unit is compared in; only rules that rank within groups read it.

        Returns:
            A Float64 expression; of a veto, 0 where it strikes and 1 elsewhere.
        """

    @property
    @abstractmethod
    def description(self) -> Sentence:
        """The rule in words, without a full stop."""

    def sentence(self, value: Any, share: float | None) -> Sentence:
        """How a value came to its share, for the one it is about."""
        if value is None:
            return Sentence("没有数据。", "There is no value.")
        shown, rule, outcome = self.shown(value), self.description, _outcome(share)
        return Sentence(f"{shown.zh}；{rule.zh}：{outcome.zh}。", f"{shown.en}; {rule.en}: {outcome.en}.")

    def shown(self, value: Any) -> Sentence:
        """A value as people read it."""
        if isinstance(value, bool):
            return Sentence("是" if value else "否", "yes" if value else "no")
        text = value if isinstance(value, str) else figure(value)
        return Sentence(text, text)

    @property
    def choices(self) -> tuple[str, ...]:
        """Values that may be entered, where they are a list."""
        return ()


def decimal_share(share: pl.Expr) -> pl.Expr:
    """A share between 0 and 1, free of binary noise; nulls stay null."""
    return half_away_from_zero_expr(share.clip(0.0, 1.0), SHARE_DIGITS)


def figure(value: Decimal | float) -> str:
    """A number as one writes it: no exponent, no needless zeros."""
    # Every value of every unit comes here: most floats already read as one writes them.
    text = repr(value) if isinstance(value, float) else "e"
    return _written(value) if "e" in text or "n" in text else _without_zeros(text)


@lru_cache(maxsize=4096)
def _written(value: Decimal | float) -> str:
    number = exact(value)
    return str(value) if number is None else _without_zeros(f"{number:f}")


def _without_zeros(text: str) -> str:
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


@lru_cache(maxsize=4096)
def percent(share: Decimal | float) -> str:
    """A share as a percentage with at most one decimal."""
    return f"{figure(half_away_from_zero(Decimal(repr(share)) * 100 if isinstance(share, float) else share * 100, 1))}%"


def _outcome(share: float | None) -> Sentence:
    if share is None:
        return Sentence("不计分", "not scored")
    shown = percent(share)
    return Sentence(f"得满分的 {shown}", f"{shown} of full marks")
