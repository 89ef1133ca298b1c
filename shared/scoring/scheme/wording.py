"""Sentences about weights, missing values and grades (SCORING §10.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from shared.scoring.rounding import half_away_from_zero, half_away_from_zero_expr
from shared.scoring.rules.base import Sentence
from shared.scoring.scheme.shares import Status
from shared.scoring.scheme.tree import Scheme

_WITHOUT_VALUE: Mapping[Status, Sentence] = {
    Status.MISSING_ZERO: Sentence("无数据，按方案计零分。", "No value: counted as no points, as the scheme says."),
    Status.REWEIGHTED: Sentence(
        "无数据，不参与计分，其分值由同级指标分担。", "No value: not counted; its siblings take its full marks."
    ),
    Status.NOT_APPLICABLE: Sentence(
        "不适用于本单位，其分值由同级指标分担。", "Does not apply to this unit; its siblings take its full marks."
    ),
    Status.BLOCKED: Sentence("无数据；缺少此项不能得出总分。", "No value: without it there is no total."),
}


@dataclass(frozen=True, slots=True)
class Words:
    """The same words as columns in two languages."""

    zh: pl.Expr
    en: pl.Expr


def missing_sentence(status: pl.Expr) -> Words:
    """What became of a leaf without a value; null where it has one."""
    zh, en = {}, {}
    for key, sentence in _WITHOUT_VALUE.items():
        zh[key.name.lower()], en[key.name.lower()] = sentence.zh, sentence.en
    return Words(*(status.replace_strict(words, default=None, return_dtype=pl.String) for words in (zh, en)))


def weight_sentence(nominal: pl.Expr, possible: pl.Expr) -> Words:
    """Why full marks are not those written; null where they are, or where the node does not count."""
    changed = (possible - nominal).abs() > 1e-9
    before, after = (_two_decimals(column) for column in (nominal, possible))
    zh = pl.format("原分值 {} 分；同级或上级的同级中有指标无数据或不适用，分值按比例分担，现为 {} 分。", before, after)
    en = pl.format(
        "Full marks {} as written; siblings here or above have no value or do not apply and passed theirs on: now {}.",
        before,
        after,
    )
    return Words(pl.when(changed).then(zh), pl.when(changed).then(en))


def grade_sentence(scheme: Scheme, total: Mapping[str, Any]) -> Sentence:
    """How a unit's grade follows from its total and its vetoes.

    Args:
        scheme: its grade bands.
        total: the unit's row of totals.
    """
    if total["blocked_by"]:
        codes = "、".join(total["blocked_by"])
        return Sentence(
            f"缺少 {codes} 的数据，不能得出总分和等级。",
            f"No total and no grade without {', '.join(total['blocked_by'])}.",
        )
    if total["printed_total"] is None:
        return Sentence("没有任何数据，不能得出总分和等级。", "There are no values, hence no total and no grade.")
    band = next(band for band in scheme.grades if band.grade == total["uncapped_grade"])
    shown = half_away_from_zero(total["printed_total"], 2)
    is_last = band == scheme.grades[-1]
    zh = f"总分 {shown} 分，" + (
        f"低于其他等级的下限，为 {band.grade}" if is_last else f"达到 {band.grade} 的下限 {band.at_least} 分"
    )
    en = f"Total {shown}: " + (
        f"below all other grades, {band.grade}" if is_last else f"{band.grade} takes {band.at_least}"
    )
    if total["vetoed_by"]:
        zh += f"；{'、'.join(total['vetoed_by'])} 一票否决，等级为 {total['grade']}"
        en += f"; vetoed by {', '.join(total['vetoed_by'])}, hence {total['grade']}"
    return Sentence(zh + "。", en + ".")


def _two_decimals(column: pl.Expr) -> pl.Expr:
    hundredths = (half_away_from_zero_expr(column, 2) * 100).round(0).cast(pl.Int64)
    return pl.format("{}.{}", hundredths // 100, (hundredths % 100).cast(pl.String).str.zfill(2))
