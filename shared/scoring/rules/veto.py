"""``veto``: what caps the grade, whatever the total (一票否决; SCORING §10.3)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

import polars as pl

from shared.scoring.rules.base import Rule, Sentence, ValueKind, figure
from shared.scoring.rules.parameters import NO, YES, ParameterReader

AT_LEAST, AT_MOST = "at_least", "at_most"


@dataclass(frozen=True, slots=True, kw_only=True)
class Veto(Rule):
    """Strikes on an answer, or where a figure reaches a limit. It brings no marks.

    Args:
        caps_at: the best grade left where it strikes.
        answer: the answer on which it strikes, written ``when: yes`` (default) or ``when: no``; ``None`` where a figure
            decides.
        at_least: strikes from this figure on, written ``when: {at_least: 1}``.
        at_most: strikes up to this figure, written ``when: {at_most: 0.95}``.
    """

    kind = "veto"
    caps_at: str
    answer: bool | None = True
    at_least: Decimal | None = None
    at_most: Decimal | None = None

    @property
    def value_kind(self) -> ValueKind:
        """A fact, or a figure."""
        return ValueKind.NUMBER if self.answer is None else ValueKind.YES_NO

    @classmethod
    def read(cls, reader: ParameterReader) -> Self:
        """The rule with the parameters read."""
        caps_at, when = reader.text("caps_at"), reader.peek("when")
        if when is None or isinstance(when, str | bool):
            return cls(caps_at=caps_at, answer=reader.answer("when", default=True))
        limits = reader.part("when")
        side = AT_MOST if limits.peek(AT_MOST) is not None and limits.peek(AT_LEAST) is None else AT_LEAST
        limit = limits.number(side)
        if limits.peek(AT_LEAST) is not None and limits.peek(AT_MOST) is not None:
            limits.fault(None, "scheme.rule_wrong_shape", expected="{at_least: …} / {at_most: …}")
        at_least, at_most = (limit, None) if side == AT_LEAST else (None, limit)
        return cls(caps_at=caps_at, answer=None, at_least=at_least, at_most=at_most)

    def share(self, value: pl.Expr, *, group: str) -> pl.Expr:  # noqa: ARG002
        """0 where it strikes, 1 elsewhere, null where nothing is known."""
        if self.at_least is not None:
            strikes = value >= float(self.at_least)
        elif self.at_most is not None:
            strikes = value <= float(self.at_most)
        else:
            strikes = value == pl.lit(self.answer)
        return (~strikes).cast(pl.Float64)

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
        if self.at_least is not None:
            zh, en = f"达到 {figure(self.at_least)} ", f"from {figure(self.at_least)} on"
        elif self.at_most is not None:
            zh, en = f"不超过 {figure(self.at_most)} ", f"up to {figure(self.at_most)}"
        else:
            zh, en = f"“{'是' if self.answer else '否'}”", f"on “{YES if self.answer else NO}”"
        return Sentence(f"{zh}即一票否决，等级不高于 {self.caps_at}", f"{en}, the grade is at most {self.caps_at}")
