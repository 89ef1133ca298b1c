"""``target``: full marks where a goal is met, falling to nothing over a tolerance (SCORING §10.1)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Self

import polars as pl

from shared.scoring.rules.base import Rule, Sentence, ValueKind, decimal_share, figure
from shared.scoring.rules.parameters import ParameterReader


class Direction(StrEnum):
    """On which side of the goal a value has to lie."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    NEAR = "near"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target(Rule):
    """With d, how far a value falls short: share = 1 − d ÷ tolerance, not below 0; d = 0 where the goal is met.

    Args:
        goal: the goal; a value exactly on it has met it.
        tolerance: how far short of it nothing is left, above 0; 0 for all or nothing.
        direction: ``at_least`` (default; short below), ``at_most`` (short above), ``near`` (short on either side).
    """

    kind = "target"
    value_kind = ValueKind.NUMBER
    goal: Decimal
    tolerance: Decimal
    direction: Direction = Direction.AT_LEAST

    @classmethod
    def read(cls, reader: ParameterReader) -> Self:
        """The rule with the parameters read."""
        return cls(
            goal=reader.number("goal"),
            tolerance=reader.number("tolerance", default=Decimal(0), least=Decimal(0)),
            direction=Direction(reader.word("direction", tuple(Direction), default=Direction.AT_LEAST)),
        )

    def share(self, value: pl.Expr, *, group: str) -> pl.Expr:  # noqa: ARG002
        """Share of the full marks, 0 to 1."""
        goal = float(self.goal)
        match self.direction:
            case Direction.AT_LEAST:
                short = (goal - value).clip(lower_bound=0.0)
            case Direction.AT_MOST:
                short = (value - goal).clip(lower_bound=0.0)
            case Direction.NEAR:
                short = (value - goal).abs()
        if self.tolerance == 0:
            return (short == 0).cast(pl.Float64)
        return decimal_share(1 - short / float(self.tolerance))

    @property
    def description(self) -> Sentence:
        """The rule in words."""
        goal, tolerance = figure(self.goal), figure(self.tolerance)
        zh, en = {
            Direction.AT_LEAST: (f"达到 {goal} 为满分", f"full marks from {goal} on"),
            Direction.AT_MOST: (f"不超过 {goal} 为满分", f"full marks up to {goal}"),
            Direction.NEAR: (f"等于 {goal} 为满分", f"full marks at {goal}"),
        }[self.direction]
        if self.tolerance == 0:
            return Sentence(f"{zh}，否则零分", f"{en}, nothing otherwise")
        return Sentence(f"{zh}，每差 1 减满分的 1/{tolerance}", f"{en}, less 1/{tolerance} of them for each 1 short")
