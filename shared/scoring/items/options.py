"""What candidates chose, by fifths of the total mark, and distractors that behave like the key (SCORING §7.5)."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import polars as pl

from shared.scoring.items.base import Figures, ItemView, Numbers, Reason, missing
from shared.scoring.items.correlation import correlate
from shared.scoring.items.plan import Item
from shared.scoring.items.summary import ItemSummary
from shared.scoring.statistics.rates import wilson_interval
from shared.scoring.summaries.group_counts import Integers

BANDS = 5
_NOISE = 1e-9


def option_bands(summary: ItemSummary) -> pl.DataFrame:
    """Share of every option in five equal parts of the candidates by total mark.

    Band 1 holds the weakest fifth, band 5 the best; a total that straddles an edge is divided by expected value, so the
    counts of a band add up to n/5 and need not be whole. Not choosing counts as an option of its own (null, last).
    Fewer candidates than the plan asks for: no rows.

    Returns:
        ``subject, item, option, is_key, band, count, share``, in the order of the paper.
    """
    view = ItemView(summary)
    parts = []
    for position, item in summary.plan.choice_items:
        if view.few:
            break
        counts = _cells(summary, view, item)[0] @ _band_shares(view)
        parts.append(
            _options(summary, position, item)
            .with_columns(pl.Series("band", [list(range(1, BANDS + 1))] * len(counts), pl.List(pl.Int64)))
            .explode("band")
            .with_columns(pl.Series("count", counts.ravel()), pl.Series("share", counts.ravel() * BANDS / view.n))
        )
    return pl.concat(parts) if parts else pl.DataFrame()


def option_flags(summary: ItemSummary) -> pl.DataFrame:
    """Every option over all candidates, and what is wrong with it.

    ``share`` with Wilson's 95 % interval; ``rest_correlation``: of choosing the option with the total without the
    item, as in §7.3 (none, with a reason, where nobody or everybody chose it or the rest does not vary).
    ``outdraws_key_at_top``: a distractor chosen in band 5 by more than chose the key: the key may be wrong.
    ``attracts_the_able``: a distractor whose rest correlation is above 0. Both are null for the key, for not choosing,
    and where nothing is computed.

    Returns:
        ``subject, item, option, is_key, n, count``, the share with ``se, ci_low, ci_high``, the correlation with its
        own, the two flags, ``reason``.
    """
    view = ItemView(summary)
    parts = [_flag_item(summary, view, position=position, item=item) for position, item in summary.plan.choice_items]
    return pl.concat(parts) if parts else pl.DataFrame()


def _flag_item(summary: ItemSummary, view: ItemView, *, position: int, item: Item) -> pl.DataFrame:
    chosen, mark_sums = _cells(summary, view, item)
    count = chosen.sum(axis=1)
    options = _options(summary, position, item)
    whole = missing(len(count), Reason.FEW_CANDIDATES)
    share, rest, top = whole, whole, None
    if not view.few:
        low, high = wilson_interval(count, np.full(len(count), view.n))
        p = count / view.n
        share = Figures(p, np.sqrt(p * (1 - p) / view.n), low, high, (None,) * len(count))
        rest = _rest_correlation(view, chosen, mark_sums, position=position)
        in_top = (chosen @ _band_shares(view))[:, -1]
        top = in_top > in_top[options["is_key"].to_numpy()][0] + _NOISE
    distractor = ~pl.col("is_key") & pl.col("option").is_not_null()
    return options.with_columns(
        pl.lit(view.n, pl.Int64).alias("n"),
        pl.Series("count", count),
        *_columns("share", share),
        *_columns("rest_correlation", rest),
        pl.Series("outdraws_key_at_top", top if top is not None else [None] * len(count), pl.Boolean),
        pl.Series("reason", rest.reason, pl.String),
    ).with_columns(
        pl.when(distractor).then(pl.col("outdraws_key_at_top")).alias("outdraws_key_at_top"),
        pl.when(distractor).then(pl.col("rest_correlation") > 0).alias("attracts_the_able"),
    )


def _rest_correlation(view: ItemView, chosen: Integers, mark_sums: Integers, *, position: int) -> Figures:
    # n²-scaled, like the covariances of the view: n Σd·R − Σd ΣR, R the total without the item.
    n, own, shared = view.n, view.item_variances[position], view.with_total[position]
    count = chosen.sum(axis=1).astype(object)
    rest_sum = int(view.mark_sums.sum() - view.mark_sums[position])
    with_rest = (chosen @ view.total_units).astype(object) - mark_sums.astype(object)
    rest = np.full(len(count), view.total_variance - 2 * shared + own, object)
    return correlate(n * with_rest - count * rest_sum, count * (n - count), rest, n=n)


def _cells(summary: ItemSummary, view: ItemView, item: Item) -> tuple[Integers, Integers]:
    """Candidates per option and total, and the item's marks per option."""
    mine = (summary.options.keys["item"] == item.code).to_numpy()
    keys, sums = summary.options.keys.filter(pl.Series(mine)), summary.options.sums[mine]
    option = keys["option"].to_numpy()
    place = np.searchsorted(view.total_units, keys["total_units"].to_numpy())
    chosen = np.zeros((len(item.options) + 1, len(view.total_units)), np.int64)
    chosen[option, place] = sums[:, 0]
    marks = np.zeros(len(item.options) + 1, np.int64)
    np.add.at(marks, option, sums[:, 1])
    return chosen, marks


def _band_shares(view: ItemView) -> Numbers:
    edges = [Fraction(view.n * band, BANDS) for band in range(BANDS + 1)]
    return np.column_stack([view.extreme_shares(low, high) for low, high in pairwise(edges)])


def _options(summary: ItemSummary, position: int, item: Item) -> pl.DataFrame:
    names = [*item.options, None]
    return pl.DataFrame(
        {
            "subject": [summary.plan.subject] * len(names),
            "item": [item.code] * len(names),
            "position": [position + 1] * len(names),
            "option": names,
            "is_key": [name == item.key for name in names],
        },
        schema_overrides={"option": pl.String, "position": pl.Int64},
    )


def _columns(name: str, figures: Figures) -> list[pl.Series]:
    columns = {
        name: figures.value,
        f"{name}_se": figures.se,
        f"{name}_ci_low": figures.ci_low,
        f"{name}_ci_high": figures.ci_high,
    }
    return [pl.Series(column, values).fill_nan(None) for column, values in columns.items()]
