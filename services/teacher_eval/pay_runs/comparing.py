"""What a run leaves to people against a baseline: aggregates only, small groups withheld. Blocks."""

from __future__ import annotations

from typing import Any

import polars as pl

from services.teacher_eval.pay_runs.inputs import ATTRIBUTES, EXCLUSION, STAFF_KEY
from shared.scoring.rounding import half_away_from_zero

#: Fewest people of a group that is told.
MIN_N = 5
_PLACES = 4


def equal_shares(inputs: pl.DataFrame, amount_fen: int) -> pl.DataFrame:
    """``staff_key, amount_fen`` if everybody eligible were given the same, the rest of the division to the first by key."""
    keys = inputs.filter(pl.col(EXCLUSION).is_null())[STAFF_KEY].sort()
    each, rest = divmod(amount_fen, max(len(keys), 1))
    amounts = [each + (place < rest) for place in range(len(keys))]
    return pl.DataFrame({STAFF_KEY: keys, "amount_fen": amounts}, schema={STAFF_KEY: pl.String, "amount_fen": pl.Int64})


def compared(inputs: pl.DataFrame, outcomes: pl.DataFrame, baseline: pl.DataFrame, *, min_n: int) -> dict[str, Any]:
    """Spread before and after, who gains, by what people are grouped by.

    Args:
        inputs: of the run, for its attributes.
        outcomes: ``staff_key, amount_fen``.
        baseline: the same; people without a row there are not compared, only counted.
        min_n: fewest people of a group, and of all who are compared.

    Returns:
        Gini and the ratio of top to bottom tenth of both, and the people compared: their count, the share that gains and
        loses, changes by group. Groups under ``min_n`` are withheld, and where one is, the next smallest too, so that
        nobody finds it by subtraction.
    """
    both = outcomes.select(STAFF_KEY, "amount_fen").join(
        baseline.select(STAFF_KEY, before="amount_fen"), on=STAFF_KEY, how="inner"
    )
    found: dict[str, Any] = {
        "people": outcomes.height,
        "compared": both.height,
        "spread": _spread(outcomes["amount_fen"]),
        "spread_before": _spread(baseline["amount_fen"]),
    }
    if both.height < min_n:
        return found | {"withheld": True, "by": {}}
    changed = both.with_columns(change=pl.col("amount_fen") - pl.col("before")).join(
        inputs.select(STAFF_KEY, *ATTRIBUTES), on=STAFF_KEY, how="left"
    )
    return found | {
        "withheld": False,
        **_changes(changed),
        "by": {name: _by(changed, name, min_n) for name in ATTRIBUTES},
    }


def _changes(rows: pl.DataFrame) -> dict[str, Any]:
    change = rows["change"]
    return {
        "n": rows.height,
        "gaining_rate": _rate(int((change > 0).sum()), rows.height),
        "losing_rate": _rate(int((change < 0).sum()), rows.height),
        "mean_change_fen": _mean(int(change.sum()), rows.height),
    }


def _by(rows: pl.DataFrame, name: str, min_n: int) -> list[dict[str, Any]]:
    groups = rows.filter(pl.col(name).is_not_null()).partition_by(name, as_dict=True)
    ordered = sorted(groups.items(), key=lambda entry: (entry[1].height, str(entry[0])))
    hidden = {key for key, group in ordered if group.height < min_n}
    if len(hidden) == 1 and len(ordered) > 1:
        hidden.add(next(key for key, _ in ordered if key not in hidden))
    told = []
    for key, group in sorted(groups.items(), key=lambda entry: str(entry[0])):
        figures = {"n": None, "withheld": True} if key in hidden else {**_changes(group), "withheld": False}
        told.append({"group": str(key[0]), **figures})
    return told


def _spread(amounts: pl.Series) -> dict[str, str | None]:
    """Gini coefficient, and the sum of the top tenth of people over that of the bottom tenth; null where undefined."""
    ordered = amounts.sort()
    count, total = len(ordered), int(ordered.sum())
    if not count or not total:
        return {"gini": None, "top_to_bottom_tenth": None}
    ranked = sum((2 * place - count - 1) * int(amount) for place, amount in enumerate(ordered, start=1))
    tenth = max(count // 10, 1)
    bottom, top = int(ordered.head(tenth).sum()), int(ordered.tail(tenth).sum())
    return {"gini": _ratio(ranked, count * total), "top_to_bottom_tenth": _ratio(top, bottom) if bottom else None}


def _rate(part: int, whole: int) -> str:
    return _ratio(part, whole)


def _mean(total: int, count: int) -> int:
    return int(half_away_from_zero(total / count, 0))


def _ratio(above: int, below: int) -> str:
    return str(half_away_from_zero(above / below, _PLACES))
