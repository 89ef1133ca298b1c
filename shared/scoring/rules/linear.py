"""``linear``: nothing at one end, full marks at the other, in proportion between (SCORING §10.1)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

import polars as pl

from shared.scoring.rules.base import Better, Rule, Sentence, ValueKind, decimal_share, figure
from shared.scoring.rules.parameters import ParameterReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear(Rule):
    """share = (x − min) ÷ (max − min) between ``min`` and ``max``; 0 below, 1 above. Where ``lower`` is better, 1 − that.

    Args:
        min: the lower end.
        max: the upper end, above ``min``.
        better: whether ``higher`` (default) or ``lower`` values are better.
    """

    kind = "linear"
    value_kind = ValueKind.NUMBER
    min: Decimal
    max: Decimal
    better: Better = Better.HIGHER

    @classmethod
    def read(cls, reader: ParameterReader) -> Self:
        """The rule with the parameters read."""
        low, high = reader.number("min"), reader.number("max")
        better = Better(reader.word("better", tuple(Better), default=Better.HIGHER))
        if reader.is_sound and low >= high:
            reader.fault("max", "scheme.rule_order", expected=f"> {low}")
        return cls(min=low, max=high, better=better)

    def share(self, value: pl.Expr, *, group: str) -> pl.Expr:  # noqa: ARG002
        """Share of the full marks, 0 to 1."""
        low, high = float(self.min), float(self.max)
        span = float(self.max - self.min)
        return decimal_share(((value - low) if self.better is Better.HIGHER else (high - value)) / span)

    @property
    def description(self) -> Sentence:
        """The rule in words."""
        ends = (figure(self.min), figure(self.max))
        nothing, full = ends if self.better is Better.HIGHER else reversed(ends)
        return Sentence(
            f"{nothing} 为零分，{full} 为满分，其间按比例",
            f"nothing at {nothing}, full marks at {full}, in proportion between",
        )
