"""``yes_no``: full marks for what is expected, nothing otherwise (SCORING §10.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import polars as pl

from shared.scoring.rules.base import Rule, Sentence, ValueKind
from shared.scoring.rules.parameters import NO, YES, ParameterReader


@dataclass(frozen=True, slots=True, kw_only=True)
class YesNo(Rule):
    """A fact that is there or not.

    Args:
        expected: the answer that brings full marks; ``yes`` by default.
    """

    kind = "yes_no"
    value_kind = ValueKind.YES_NO
    expected: bool = True

    @classmethod
    def read(cls, reader: ParameterReader) -> Self:
        """The rule with the parameters read."""
        return cls(expected=reader.answer("expected", default=True))

    def share(self, value: pl.Expr, *, group: str) -> pl.Expr:  # noqa: ARG002
        """Share of the full marks, 0 or 1."""
        return (value if self.expected else ~value).cast(pl.Float64)

    @property
    def description(self) -> Sentence:
        """The rule in words."""
        return Sentence(
            f"“{'是' if self.expected else '否'}”为满分，否则零分",
            f"full marks for “{YES if self.expected else NO}”, nothing otherwise",
        )
