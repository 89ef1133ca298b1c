"""``deduct``: so much off for each event, down to a floor (SCORING §10.1)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

import polars as pl

from shared.scoring.rules.base import Rule, Sentence, ValueKind, decimal_share, percent
from shared.scoring.rules.parameters import ParameterReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduct(Rule):
    """share = start − per_event × n, not below ``floor``.

    Args:
        start: written ``from``: the share without any event, 1 by default.
        per_event: share taken off for each event, above 0.
        floor: least share, 0 by default.
    """

    kind = "deduct"
    value_kind = ValueKind.COUNT
    per_event: Decimal
    start: Decimal = Decimal(1)
    floor: Decimal = Decimal(0)

    @classmethod
    def read(cls, reader: ParameterReader) -> Self:
        """The rule with the parameters read."""
        start, floor = reader.share("from", default=Decimal(1)), reader.share("floor", default=Decimal(0))
        per_event = reader.share("per_event")
        if reader.is_sound:
            if per_event == 0:
                reader.fault("per_event", "scheme.rule_order", expected="> 0")
            if floor >= start:
                reader.fault("floor", "scheme.rule_order", expected=f"< {start}")
        return cls(start=start, per_event=per_event, floor=floor)

    def share(self, value: pl.Expr, *, group: str) -> pl.Expr:  # noqa: ARG002
        """Share of the full marks, 0 to 1."""
        start = float(self.start)
        return decimal_share((start - float(self.per_event) * value).clip(float(self.floor), start))

    @property
    def description(self) -> Sentence:
        """The rule in words."""
        start, each, floor = percent(self.start), percent(self.per_event), percent(self.floor)
        return Sentence(f"起点 {start}，每次减 {each}，最低 {floor}", f"{start} less {each} for each, at least {floor}")
