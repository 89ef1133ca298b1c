"""Classes in which wrong answers agree more than chance lets them, and the pupils concerned (SCORING §7b.2).

Right answers agree because pupils learned the same; wrong ones need not. Among m pupils of a class who answered an item
wrong, the pairs with the same wrong answer number ``I = Σ_d C(c_d, 2)``, c_d the pupils who chose distractor d. If each
chose independently with the population's shares s_d, then with a₂ = Σ s_d² and a₃ = Σ s_d³: ``E(I) = C(m, 2) a₂`` and
``Var(I) = C(m, 2) a₂(1 − a₂) + m(m − 1)(m − 2)(a₃ − a₂²)``. Being wrong is given, so the ability of a class does not enter.
I is close to a scaled chi-square with ν = 1/a₂ − 1 degrees of freedom, whose third central moment is
``2√2 Var(I)^1.5 / √ν``; the sum over items is referred to the Pearson type III distribution with these moments. Counting
identical wrong answers is the idea of Angoff 1974, Journal of the American Statistical Association 69, 44–49.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from scipy.special import gammaincc

from shared.scoring.anomalies.base import FALSE_ALARM_RATE, Floats, robust_sd, share_of_looks
from shared.scoring.items.frame import OPTION_SUFFIX
from shared.scoring.items.plan import Item
from shared.scoring.levels import KEY_COLUMNS, index_groups

_NOISE = 1e-9
_CELL = [*KEY_COLUMNS, "item", "option"]


def wrong_answers(sheet: pl.DataFrame, keys: Mapping[str, str]) -> pl.DataFrame:
    """Gathers one partition: how many pupils of each class chose each wrong option.

    Args:
        sheet: key columns and ``<item>__option`` (null: none chosen, which is not an answer).
        keys: right option by item. Leave out items whose key is in doubt: their "wrong" answers are the right ones.

    Returns:
        Key columns, ``item, option, count``; only what occurs, sorted. Adding up such frames merges them.
    """
    parts = []
    for item, key in keys.items():
        option = pl.col(item + OPTION_SUFFIX).cast(pl.String)
        wrong = sheet.select(pl.col(KEY_COLUMNS).cast(pl.String), pl.lit(item).alias("item"), option.alias("option"))
        parts.append(wrong.filter(pl.col("option") != key).group_by(_CELL).agg(pl.len().cast(pl.Int64).alias("count")))
    return merge_wrong_answers(parts)


def stored_wrong_answers(sheet: pl.DataFrame, items: Sequence[Item]) -> pl.DataFrame:
    """As :func:`wrong_answers`, counted by position from a stored sheet.

    Args:
        sheet: key columns and ``<item>__option`` as positions (:class:`shared.scoring.items.frame.ItemSheet`), of any signed
            integer type.
        items: choice items whose key is not in doubt.

    Returns:
        The same rows, by item, class and option.
    """
    keys, group = index_groups(sheet.select(KEY_COLUMNS))
    parts = [pl.DataFrame(schema=dict.fromkeys(_CELL, pl.String) | {"count": pl.Int64})]
    for item in items:
        options = len(item.options)
        chosen = sheet[item.code + OPTION_SUFFIX].cast(pl.Int64).to_numpy()
        wrong = (chosen >= 0) & (chosen < options) & (chosen != item.options.index(str(item.key)))
        count = np.bincount(group[wrong] * options + chosen[wrong], minlength=keys.height * options)
        cells = np.flatnonzero(count)
        found = keys[cells // options].select(
            pl.col(KEY_COLUMNS).cast(pl.String),
            pl.lit(item.code).alias("item"),
            pl.Series("option", item.options, pl.String)[cells % options].alias("option"),
            pl.Series("count", count[cells], pl.Int64),
        )
        parts.append(found)
    return pl.concat(parts)


def merge_wrong_answers(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Adds what was gathered from several partitions."""
    schema = dict.fromkeys(_CELL, pl.String) | {"count": pl.Int64}
    whole = pl.concat(parts) if parts else pl.DataFrame(schema=schema)
    return whole.group_by(_CELL).agg(pl.col("count").sum()).sort(_CELL)


def copied_answers(counts: pl.DataFrame, *, false_alarm_rate: float = FALSE_ALARM_RATE) -> pl.DataFrame:
    """One row per class: identical pairs of wrong answers against chance.

    ``statistic`` = Σ(I − E(I)) / √ΣVar(I) over items, divided by the robust standard deviation of that figure over all
    classes where this exceeds 1 (a misconception taught to a class makes honest answers agree, too). ``p_value`` by
    Pearson type III; flagged below ``false_alarm_rate`` / number of classes: about that chance of any false alarm in an
    honest exam.

    Args:
        counts: from :func:`wrong_answers`, the whole population.
        false_alarm_rate: for the whole exam.

    Returns:
        Key columns, ``identical_pairs, expected_pairs, statistic, p_value, threshold, is_flagged``, sorted by key. A
        class without two wrong answers to an item of which more than one wrong option is ever chosen has no row.
    """
    m, a2, a3, c = pl.col("m"), pl.col("a2"), pl.col("a3"), pl.col("count")
    variance = pl.col("variance")
    # Sums of fractions are taken in a fixed order, so that equal counts give equal bits.
    classes = (
        counts.group_by(*KEY_COLUMNS, "item")
        .agg(c.sum().alias("m"), (c * (c - 1) // 2).sum().alias("same"))
        .join(_shares(counts), on="item")
        .sort(*KEY_COLUMNS, "item")
        .with_columns((m * (m - 1) / 2).alias("pairs"))
        .with_columns(pair_variance(m, a2, a3).alias("variance"))
        .filter((variance > _NOISE) & (a2 < 1 - _NOISE))
        .group_by(KEY_COLUMNS, maintain_order=True)
        .agg(
            pl.col("same").sum().alias("identical_pairs"),
            (pl.col("pairs") * a2).sum().alias("expected_pairs"),
            variance.sum(),
            (2 * 2**0.5 * variance.pow(1.5) / (1 / a2 - 1).sqrt()).sum().alias("third"),
        )
    )
    raw = ((pl.col("identical_pairs") - pl.col("expected_pairs")) / variance.sqrt()).alias("statistic")
    found = classes.with_columns(raw, (pl.col("third") / variance.pow(1.5)).alias("skewness"))
    statistic = found["statistic"].to_numpy() / max(robust_sd(found["statistic"].to_numpy()), 1.0)
    p_value = _pearson_iii_tail(statistic, found["skewness"].to_numpy())
    threshold = share_of_looks(found.height, false_alarm_rate=false_alarm_rate)
    return found.select(
        *KEY_COLUMNS,
        "identical_pairs",
        "expected_pairs",
        pl.Series("statistic", statistic),
        pl.Series("p_value", p_value),
        pl.lit(threshold).alias("threshold"),
        pl.Series("is_flagged", p_value < threshold),
    )


def pair_variance(m: Any, a2: Any, a3: Any) -> Any:
    """Var(I) of the identical pairs among m independent answers, from the sums of squares and cubes of their shares.

    Numbers, arrays or expressions: C(m, 2) pairs vary by themselves, m(m − 1)(m − 2) ordered pairs of pairs share a pupil.
    """
    return m * (m - 1) / 2 * a2 * (1 - a2) + m * (m - 1) * (m - 2) * (a3 - a2**2)


def _pearson_iii_tail(statistic: Floats, skewness: Floats) -> Floats:
    """P(X ≥ statistic) for a Pearson type III variable of mean 0, variance 1 and positive skewness."""
    shape = 4 / skewness**2
    tail: Floats = gammaincc(shape, np.maximum(shape + statistic * np.sqrt(shape), 0.0))
    return tail


def identical_pairs(
    sheet: pl.DataFrame, keys: Mapping[str, str], *, counts: pl.DataFrame, flagged: pl.DataFrame
) -> pl.DataFrame:
    """Pairs of pupils in flagged classes by how far their wrong answers agree.

    Over the items that both answered wrong: ``statistic`` = (identical − Σ a₂) / √Σ a₂(1 − a₂). It orders the pairs to look
    at and is no test: there are far more pairs than can be told apart by the items of one paper.

    Args:
        sheet: as for :func:`wrong_answers`, with ``candidate_id``.
        keys: as there.
        counts: as for :func:`copied_answers`.
        flagged: key columns of the classes to look into.

    Returns:
        Key columns, ``candidate_id, other_candidate_id`` (the smaller identifier first), ``identical_wrong, both_wrong,
        statistic``, the most agreeing first. Pairs without an identical wrong answer are left out.
    """
    members = sheet.join(flagged.select(KEY_COLUMNS), on=KEY_COLUMNS, how="semi")
    answers = pl.concat(
        members.select(
            *KEY_COLUMNS,
            "candidate_id",
            pl.lit(item).alias("item"),
            pl.col(item + OPTION_SUFFIX).cast(pl.String).alias("option"),
        ).filter(pl.col("option") != key)
        for item, key in keys.items()
    ).join(_shares(counts), on="item")
    pairs = answers.join(answers.drop("a2", "a3"), on=[*KEY_COLUMNS, "item"], suffix="_other")
    same, a2 = pl.col("option") == pl.col("option_other"), pl.col("a2")
    return (
        pairs.filter(pl.col("candidate_id") < pl.col("candidate_id_other"), a2 < 1 - _NOISE)
        .rename({"candidate_id_other": "other_candidate_id"})
        .sort("item")
        .group_by(*KEY_COLUMNS, "candidate_id", "other_candidate_id", maintain_order=True)
        .agg(
            same.sum().cast(pl.Int64).alias("identical_wrong"),
            pl.len().cast(pl.Int64).alias("both_wrong"),
            ((same.sum() - a2.sum()) / (a2 * (1 - a2)).sum().sqrt()).alias("statistic"),
        )
        .filter(pl.col("identical_wrong") > 0)
        .sort("statistic", *KEY_COLUMNS, "candidate_id", "other_candidate_id", descending=[True] + [False] * 5)
    )


def _shares(counts: pl.DataFrame) -> pl.DataFrame:
    """Sums of squares and cubes of the distractors' shares, per item."""
    return (
        counts.group_by("item", "option")
        .agg(pl.col("count").sum())
        .sort("item", "option")
        .with_columns((pl.col("count") / pl.col("count").sum().over("item")).alias("share"))
        .group_by("item", maintain_order=True)
        .agg(pl.col("share").pow(2).sum().alias("a2"), pl.col("share").pow(3).sum().alias("a3"))
    )
