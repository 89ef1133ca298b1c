"""What a school's own item sheet adds for its own people: answers by class, and weak points of candidates. Blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from services.monitoring.intake.sheets import CANDIDATE, CLASS
from services.monitoring.item_sheets.checks import stored_columns
from services.monitoring.item_sheets.marks import with_marks
from services.monitoring.papers.rules import answers, chosen_items, item_plan
from services.monitoring.reports.rules import Verdict, verdict
from services.monitoring.reports.shown import statistic
from services.monitoring.results.catalog import TABLES
from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.gaps import Gaps, rate_gaps
from shared.scoring.items.frame import OPTION_SUFFIX, STATUS
from shared.scoring.methods import GROUP_GAP
from shared.scoring.statistics.rates import wilson_interval

#: Weak points named of one candidate.
MOST_POINTS = 5
Option = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class OwnItems:
    """The items of the reader's own school.

    Args:
        content: the paper.
        rows: the sheet as stored.
    """

    content: Mapping[str, Any]
    rows: pl.DataFrame

    @property
    def present(self) -> pl.DataFrame:
        """Candidates who sat the paper."""
        return self.rows.filter(pl.col(STATUS) == 0)


def read_items(store: ColumnarStore, sha256: str, content: Mapping[str, Any]) -> OwnItems | None:
    """The sheet, if the paper still is the one it was sent by."""
    rows = store.get(sha256)
    return OwnItems(content, rows) if set(stored_columns(content)) <= set(rows.columns) else None


def with_own_shares(
    items: Sequence[Mapping[str, Any]], own: OwnItems, *, class_code: str | None
) -> list[dict[str, Any]]:
    """The options with their shares in the own school or class, and how far these are from all candidates'.

    Args:
        items: as :func:`services.monitoring.reports.sections.options.options` gives them.
        own: the own school's items.
        class_code: the class, or ``None`` for the school with those of its classes that differ beyond chance.
    """
    paper = {item["code"]: item for item in chosen_items(own.content)}
    present = own.present
    classes = {str(key[0]): rows for key, rows in present.partition_by(CLASS, as_dict=True).items()}
    groups: list[tuple[str | None, pl.DataFrame]] = [(None, present), *sorted(classes.items())]
    if class_code is not None:
        groups = [(class_code, classes.get(class_code, present.clear()))]
    return [_with_shares(item, paper.get(item["code"]), groups) for item in items]


def _with_shares(
    item: Mapping[str, Any], asked: Mapping[str, Any] | None, groups: Sequence[tuple[str | None, pl.DataFrame]]
) -> dict[str, Any]:
    named = [option["option"] for option in item["options"]]
    if asked is None or named != [*answers(asked), None]:
        return dict(item)
    shares = [option["reference_share"] for option in item["options"]]
    if any(share["value"] is None for share in shares):
        return dict(item)
    whole_n = np.array([share["n"] for share in shares])
    whole_count = np.rint(np.array([share["value"] for share in shares]) * whole_n).astype(np.int64)
    added: list[list[dict[str, Any]]] = [[] for _ in named]
    for place, (class_code, rows) in enumerate(groups):
        chosen = rows[item["code"] + OPTION_SUFFIX].to_numpy()
        count = np.bincount(chosen[chosen >= 0], minlength=len(named))[: len(named)]
        gaps = rate_gaps(count, whole_count, np.full(len(named), rows.height), whole_n)
        for option, share in enumerate(_shares(class_code, count, rows.height, gaps)):
            if place == 0 or share["verdict"] in (Verdict.STRENGTH, Verdict.GAP):
                added[option].append(share)
    return {
        **item,
        "options": [{**option, "own_shares": own} for option, own in zip(item["options"], added, strict=True)],
    }


def _shares(class_code: str | None, count: Any, n: int, gaps: Gaps) -> list[dict[str, Any]]:
    low, high = wilson_interval(count, np.full(len(count), n))
    found = []
    for place, chosen in enumerate(count):
        p = chosen / n if n else None
        interval = (float(gaps.low[place]), float(gaps.high[place]))
        ci = None if np.isnan(interval[0]) else interval
        own = (float(low[place]), float(high[place])) if n else None
        gap = None if ci is None else float(gaps.value[place])
        found.append(
            {
                "class_code": class_code,
                "share": statistic(None if p is None else float(p), TABLES["option_flags"].method, n=n, ci=own),
                "gap": statistic(gap, GROUP_GAP, n=n, se=None if ci is None else float(gaps.se[place]), ci=ci),
                "verdict": verdict(ci),
            }
        )
    return found


def weak_points(own: OwnItems, subject: str, *, low: float, mastered: float) -> pl.DataFrame:
    """Knowledge points in which a candidate earned little and most of the school has them.

    Args:
        own: the own school's items.
        subject: code of the subject.
        low: a candidate's score rate below which a point is weak.
        mastered: the school's score rate from which most have it.

    Returns:
        ``candidate_id``, ``weak_points``: names, weakest first; candidates without any are left out.
    """
    plan = item_plan(subject, own.content, min_n=1)
    aspects = [aspect for aspect in plan.aspects if aspect.kind == "knowledge_point"]
    if not aspects:
        return pl.DataFrame(schema={CANDIDATE: pl.String, "weak_points": pl.List(pl.String)})
    rows = with_marks(own.present.lazy(), own.content, plan).collect()
    units = np.column_stack([rows[code].to_numpy() for code in plan.codes]) * np.array(plan.weights, np.int64)
    names = np.array([aspect.code for aspect in aspects], object)
    full = np.array([plan.full_units[list(aspect.positions)].sum() for aspect in aspects])
    rates = np.column_stack([units[:, list(aspect.positions)].sum(axis=1) for aspect in aspects]) / full
    weak = (rates < low) & (rates.mean(axis=0) >= mastered if len(rates) else False)
    order = np.argsort(np.where(weak, rates, np.inf), axis=1, kind="stable")[:, :MOST_POINTS]
    found = [list(names[places[row[places]]]) for row, places in zip(weak, order, strict=True)]
    return pl.DataFrame({CANDIDATE: rows[CANDIDATE], "weak_points": found}).filter(pl.col("weak_points").list.len() > 0)
