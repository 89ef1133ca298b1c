"""``bands``: the share of the best band met (SCORING §10.1)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Self

import polars as pl

from shared.scoring.rules.base import Better, Rule, Sentence, ValueKind, decimal_share, figure, percent
from shared.scoring.rules.parameters import ParameterReader


@dataclass(frozen=True, slots=True)
class Band:
    """A boundary, which belongs to its band, and the share beyond it."""

    edge: Decimal
    share: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands(Rule):
    """Best first. A value exactly on a boundary has met it.

    Args:
        bands: ``from`` (or ``up_to``, where less is better) and ``share``, best first; at most 50.
        otherwise: share where no band is met, 0 by default.
        better: which way the boundaries run; follows from ``from`` or ``up_to``.
    """

    kind = "bands"
    value_kind = ValueKind.NUMBER
    bands: tuple[Band, ...]
    otherwise: Decimal = Decimal(0)
    better: Better = Better.HIGHER

    @classmethod
    def read(cls, reader: ParameterReader) -> Self:
        """The rule with the parameters read."""
        parts = reader.parts("bands")
        edge = "up_to" if parts and parts[0].peek("up_to") is not None else "from"
        bands = tuple(Band(part.number(edge), part.share("share")) for part in parts)
        otherwise = reader.share("otherwise", default=Decimal(0))
        rule = cls(bands=bands, otherwise=otherwise, better=Better.LOWER if edge == "up_to" else Better.HIGHER)
        if reader.is_sound:
            rule._check(reader)
        return rule

    def _check(self, reader: ParameterReader) -> None:
        if len(self.bands) > 50:
            reader.fault("bands", "scheme.rule_out_of_bounds", value=str(len(self.bands)), allowed="1–50")
        sign = -1 if self.better is Better.HIGHER else 1
        for better, worse in pairwise(self.bands):
            if (worse.edge - better.edge) * sign <= 0 or worse.share >= better.share:
                reader.fault("bands", "scheme.rule_not_best_first", value=figure(worse.edge))
        if self.bands[-1].share <= self.otherwise:
            reader.fault("otherwise", "scheme.rule_not_best_first", value=figure(self.otherwise))

    def share(self, value: pl.Expr, *, group: str) -> pl.Expr:  # noqa: ARG002
        """Share of the full marks, 0 to 1."""
        found = pl.lit(float(self.otherwise))
        for band in reversed(self.bands):
            edge = float(band.edge)
            met = value >= edge if self.better is Better.HIGHER else value <= edge
            found = pl.when(met).then(float(band.share)).otherwise(found)
        return decimal_share(pl.when(value.is_not_null()).then(found))

    @property
    def description(self) -> Sentence:
        """The rule in words."""
        sign = "≥" if self.better is Better.HIGHER else "≤"
        steps = [f"{sign} {figure(band.edge)} {percent(band.share)}" for band in self.bands]
        rest = percent(self.otherwise)
        return Sentence(f"{'，'.join(steps)}，其余 {rest}", f"{', '.join(steps)}, otherwise {rest}")
