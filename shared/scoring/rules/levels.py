"""``levels``: named levels, each with its share (SCORING §10.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Self

import polars as pl

from shared.scoring.rules.base import Rule, Sentence, ValueKind, percent
from shared.scoring.rules.parameters import ParameterReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels(Rule):
    """Levels such as A to D, given by judgment.

    Args:
        levels: level → share, best first.
    """

    kind = "levels"
    value_kind = ValueKind.CHOICE
    levels: Mapping[str, Decimal]

    @classmethod
    def read(cls, reader: ParameterReader) -> Self:
        """The rule with the parameters read."""
        levels = reader.shares("levels")
        if reader.is_sound:
            if len(levels) < 2:
                reader.fault("levels", "scheme.rule_out_of_bounds", value=str(len(levels)), allowed="2–")
            for (_, better), (name, worse) in pairwise(levels.items()):
                if worse >= better:
                    reader.fault("levels", "scheme.rule_not_best_first", value=name)
        return cls(levels=levels)

    def share(self, value: pl.Expr, *, group: str) -> pl.Expr:  # noqa: ARG002
        """Share of the full marks, 0 to 1; a word that is no level raises in Polars rather than counting for nothing."""
        shares = [float(share) for share in self.levels.values()]
        return value.cast(pl.String).replace_strict(list(self.levels), shares, return_dtype=pl.Float64)

    @property
    def choices(self) -> tuple[str, ...]:
        """The levels, best first."""
        return tuple(self.levels)

    @property
    def description(self) -> Sentence:
        """The rule in words."""
        steps = [f"{level} {percent(share)}" for level, share in self.levels.items()]
        return Sentence("，".join(steps), ", ".join(steps))

    def __hash__(self) -> int:
        """Of the levels as written."""
        return hash(tuple(self.levels.items()))
