"""``veto``: what caps the grade, whatever the total (一票否决; SCORING §10.3)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Self, assert_never

import polars as pl

from shared.scoring.rules.base import Rule, Sentence, ValueKind, figure
from shared.scoring.rules.parameters import NO, YES, ParameterReader


class Strikes(StrEnum):
    """Which figures strike, against a limit."""

    AT_LEAST = "at_least"
    ABOVE = "above"
    AT_MOST = "at_most"
    BELOW = "below"


@dataclass(frozen=True, slots=True, kw_only=True)
class Veto(Rule):
    """Strikes on an answer, or where a figure passes a limit. It brings no marks.

    Args:
        caps_at: the best grade left where it strikes.
        answer: the answer on which it strikes, written ``when: yes`` (default) or ``when: no``; not looked at with a limit.
        strikes: which figures strike, written ``when: {below: 0.95}``; ``None`` where an answer decides.
        limit: the figure; of ``at_least`` and ``at_most`` it strikes itself.
    """

    kind = "veto"
    caps_at: str
    answer: bool = True
    strikes: Strikes | None = None
    limit: Decimal = Decimal(0)

    @property
    def value_kind(self) -> ValueKind:
        """A fact, or a figure."""
        return ValueKind.YES_NO if self.strikes is None else ValueKind.NUMBER

    @classmethod
    def read(cls, reader: ParameterReader) -> Self:
        """The rule with the parameters read."""
        caps_at, when = reader.text("caps_at"), reader.peek("when")
        if when is None or isinstance(when, str | bool):
            return cls(caps_at=caps_at, answer=reader.answer("when", default=True))
        limits = reader.part("when")
        given = [side for side in Strikes if limits.peek(side) is not None]
        if len(given) != 1:
            limits.fault(None, "scheme.rule_wrong_shape", expected=" / ".join(f"{{{side}: …}}" for side in Strikes))
            return cls(caps_at=caps_at)
        return cls(caps_at=caps_at, strikes=given[0], limit=limits.number(given[0]))

    def share(self, value: pl.Expr, *, group: str) -> pl.Expr:  # noqa: ARG002
        """0 where it strikes, 1 elsewhere, null where nothing is known."""
        limit = float(self.limit)
        match self.strikes:
            case None:
                struck = value == pl.lit(self.answer)
            case Strikes.AT_LEAST:
                struck = value >= limit
            case Strikes.ABOVE:
                struck = value > limit
            case Strikes.AT_MOST:
                struck = value <= limit
            case Strikes.BELOW:
                struck = value < limit
            case _:
                assert_never(self.strikes)
        return (~struck).cast(pl.Float64)

    def sentence(self, value: object, share: float | None) -> Sentence:
        """Whether it struck, for the one it is about."""
        if value is None or share is None:
            return Sentence("没有数据。", "There is no value.")
        shown, rule = self.shown(value), self.description
        zh, en = ("触发", "it strikes") if share == 0 else ("未触发", "it does not strike")
        return Sentence(f"{shown.zh}；{rule.zh}：{zh}。", f"{shown.en}; {rule.en}: {en}.")

    @property
    def description(self) -> Sentence:
        """The rule in words."""
        limit = figure(self.limit)
        zh, en = {
            None: (f"“{'是' if self.answer else '否'}”", f"on “{YES if self.answer else NO}”"),
            Strikes.AT_LEAST: (f"达到 {limit} ", f"from {limit} on"),
            Strikes.ABOVE: (f"高于 {limit} ", f"above {limit}"),
            Strikes.AT_MOST: (f"不超过 {limit} ", f"up to {limit}"),
            Strikes.BELOW: (f"低于 {limit} ", f"below {limit}"),
        }[self.strikes]
        return Sentence(f"{zh}即一票否决，等级不高于 {self.caps_at}", f"{en}, the grade is at most {self.caps_at}")
