"""``rank_in_group``: the percentile rank among the units one is compared with (SCORING §10.1, §3)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

import polars as pl

from shared.scoring.rules.base import Better, Rule, Sentence, ValueKind, decimal_share
from shared.scoring.rules.parameters import ParameterReader

LEAST_GROUP = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class RankInGroup(Rule):
    """share = (units below + ½ units level) ÷ n, over the n units of the group that have a value; the unit itself is level.

    Args:
        least_group: smallest n with a score, 5 by default, 2 at least; smaller groups have none.
        better: whether ``higher`` (default) or ``lower`` values are better.
    """

    kind = "rank_in_group"
    value_kind = ValueKind.NUMBER
    least_group: int = LEAST_GROUP
    better: Better = Better.HIGHER

    @classmethod
    def read(cls, reader: ParameterReader) -> Self:
        """The rule with the parameters read."""
        least = reader.number("least_group", default=Decimal(LEAST_GROUP), least=Decimal(2), most=Decimal(10_000))
        if least != int(least):
            reader.fault("least_group", "scheme.rule_not_a_number", value=str(least))
        better = Better(reader.word("better", tuple(Better), default=Better.HIGHER))
        return cls(least_group=int(least), better=better)

    def share(self, value: pl.Expr, *, group: str) -> pl.Expr:
        """Share of the full marks, above 0 and below 1; null in groups that are too small."""
        rank = value.rank("average", descending=self.better is Better.LOWER).over(group)
        n = value.count().over(group)
        return decimal_share(pl.when(n >= self.least_group).then((rank - 0.5) / n))

    @property
    def description(self) -> Sentence:
        """The rule in words."""
        zh, en = ("低", "lower") if self.better is Better.LOWER else ("高", "higher")
        return Sentence(
            f"按同组百分等级计分，越{zh}越好，同组不足 {self.least_group} 个不计分",
            f"percentile rank in the group, {en} is better, no score in groups of fewer than {self.least_group}",
        )
