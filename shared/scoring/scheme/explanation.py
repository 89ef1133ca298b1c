"""How every unit came to its points: a sentence per node for all units, or the tree of one (SCORING §10.5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from shared.scoring.rules.base import Sentence, ValueKind
from shared.scoring.scheme.evaluation import Evaluation
from shared.scoring.scheme.tree import Branch, Leaf, Name, Scheme
from shared.scoring.scheme.unit_values import GROUP, UNIT
from shared.scoring.scheme.wording import grade_sentence, missing_sentence, weight_sentence

LISTED = 5
"""How many leaves to mend, and how many strengths, are named."""
_VALUE = ("node", "value", "choice", "share")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationNode:
    """One node of one unit.

    Args:
        code: of the node; of the scheme at the top.
        name: what people read.
        status: what became of it: ``scored``, ``missing_zero``, ``reweighted``, ``not_applicable`` or ``blocked``.
        value: raw value of a leaf: number, yes or no, or choice.
        share: share of full marks, 0 to 1.
        weight: relative to its siblings, as written.
        nominal_points: full marks as written.
        points_possible: full marks after weights were passed on; ``None`` where it does not count.
        effective_weight: points_possible / 100.
        printed_points_possible: as printed, adding up to the parent's.
        printed_points: as printed, adding up to the parent's; ``None`` where there is no total.
        sentence: how a leaf's value came to its share, or what became of it without one.
        weight_sentence: why its full marks are not those written.
        weight_from: codes of the siblings, or siblings of those above it, whose weight it took a part of.
        children: what it is made of.
    """

    code: str
    name: Name
    status: str
    value: float | bool | str | None = None
    share: float | None
    weight: float
    nominal_points: float
    points_possible: float | None
    printed_points_possible: float | None
    printed_points: float | None
    sentence: Sentence | None = None
    weight_sentence: Sentence | None = None
    weight_from: tuple[str, ...] = ()
    children: tuple[ExplanationNode, ...] = ()

    @property
    def effective_weight(self) -> float | None:
        """Share of the whole that its full marks are."""
        return None if self.points_possible is None else self.points_possible / 100

    def walk(self) -> Iterator[ExplanationNode]:
        """It and everything beneath, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """How one unit came to its total and grade.

    Args:
        unit_code: the unit.
        group: the group it is compared in.
        root: the whole; its printed points are the printed total.
        grade: after vetoes; ``None`` without a total.
        uncapped_grade: before them.
        grade_sentence: how the grade follows.
        vetoed_by: codes of the vetoes that struck.
        blocked_by: codes of the leaves without which there is no total.
        to_mend: codes of the leaves that lost the most printed points, most first.
        strengths: codes of the leaves that brought the most points above the mean of the group, most first.
    """

    unit_code: str
    group: str
    root: ExplanationNode
    grade: str | None
    uncapped_grade: str | None
    grade_sentence: Sentence
    vetoed_by: tuple[str, ...]
    blocked_by: tuple[str, ...]
    to_mend: tuple[str, ...]
    strengths: tuple[str, ...]


def explained_scores(scheme: Scheme, evaluation: Evaluation, *, units: Sequence[str] | None = None) -> pl.DataFrame:
    """The scores with everything an explanation says, for all units or some.

    Args:
        scheme: the one the evaluation is by.
        evaluation: its result, as computed or as read from store.
        units: codes of the units wanted; all where ``None``.

    Returns:
        Columns of the scores and ``sentence_zh, sentence_en`` (leaves), ``weight_zh, weight_en`` (where full marks changed),
        ``lost_points`` (as printed), ``points_above_group`` (points minus what the mean share of the group would bring),
        ``mend_order, strength_order`` (1 first; null where nothing is lost or won).
    """
    means = _group_means(evaluation)
    scores = evaluation.scores if units is None else evaluation.scores.filter(pl.col(UNIT).is_in(list(units)))
    worded = scores.join(_sentences(scheme, scores), on=_VALUE, how="left", nulls_equal=True, maintain_order="left")
    groups = evaluation.totals.select(UNIT, GROUP)
    placed = worded.join(groups, on=UNIT, how="left", maintain_order="left").join(
        means, on=[GROUP, "node"], how="left", maintain_order="left"
    )
    missing = missing_sentence(pl.col("status"))
    weighed = weight_sentence(pl.col("nominal_points"), pl.col("points_possible"))
    return (
        placed.with_columns(
            pl.when("is_leaf").then(pl.coalesce(own, absent)).alias(own_name)
            for own_name, own, absent in (
                ("sentence_zh", pl.col("sentence_zh"), missing.zh),
                ("sentence_en", pl.col("sentence_en"), missing.en),
            )
        )
        .with_columns(
            weighed.zh.alias("weight_zh"),
            weighed.en.alias("weight_en"),
            (pl.col("printed_points_possible") - pl.col("printed_points")).alias("lost_points"),
            ((pl.col("share") - pl.col("__mean")) * pl.col("points_possible")).alias("points_above_group"),
        )
        .with_columns(_order("lost_points", least=0.005).alias("mend_order"))
        .with_columns(_order("points_above_group", least=1e-9).alias("strength_order"))
        .drop(GROUP, "__mean")
    )


def explain(scheme: Scheme, evaluation: Evaluation, unit_code: str) -> Explanation:
    """The tree of one unit.

    Raises:
        KeyError: the unit was not evaluated.
    """
    found = evaluation.totals.filter(pl.col(UNIT) == unit_code)
    if found.is_empty():
        raise KeyError(unit_code)
    total = found.row(0, named=True)
    rows = explained_scores(scheme, evaluation, units=[unit_code])
    by_node = {row["node"]: row for row in rows.iter_rows(named=True)}
    dimensions = tuple(_node(child, by_node, scheme.children, ()) for child in scheme.children)
    return Explanation(
        unit_code=unit_code,
        group=total[GROUP],
        root=_root(scheme, total, dimensions),
        grade=total["grade"],
        uncapped_grade=total["uncapped_grade"],
        grade_sentence=grade_sentence(scheme, total),
        vetoed_by=tuple(total["vetoed_by"]),
        blocked_by=tuple(total["blocked_by"]),
        to_mend=_listed(rows, "mend_order"),
        strengths=_listed(rows, "strength_order"),
    )


def _root(scheme: Scheme, total: dict[str, Any], dimensions: tuple[ExplanationNode, ...]) -> ExplanationNode:
    exact = total["total"]
    return ExplanationNode(
        code=scheme.code,
        name=scheme.name,
        status="blocked" if total["blocked_by"] else "reweighted" if exact is None else "scored",
        share=None if exact is None else exact / 100,
        weight=1.0,
        nominal_points=100.0,
        points_possible=100.0,
        printed_points_possible=100.0,
        printed_points=total["printed_total"],
        children=dimensions,
    )


def _node(
    node: Branch | Leaf, rows: dict[str, dict[str, Any]], siblings: Sequence[Branch | Leaf], inherited: tuple[str, ...]
) -> ExplanationNode:
    row = rows[node.code]
    counts = row["points_possible"] is not None
    silent = tuple(one.code for one in siblings if _fell_away(rows[one.code]))
    weight_from = (*inherited, *silent)
    children = node.children if isinstance(node, Branch) else ()
    return ExplanationNode(
        code=node.code,
        name=node.name,
        status=row["status"],
        value=_value(node, row) if isinstance(node, Leaf) else None,
        share=row["share"],
        weight=row["weight"],
        nominal_points=row["nominal_points"],
        points_possible=row["points_possible"],
        printed_points_possible=row["printed_points_possible"],
        printed_points=row["printed_points"],
        sentence=_sentence(row, "sentence"),
        weight_sentence=_sentence(row, "weight"),
        weight_from=weight_from if counts else (),
        children=tuple(_node(child, rows, children, weight_from) for child in children),
    )


def _fell_away(row: dict[str, Any]) -> bool:
    return row["points_possible"] is None and row["nominal_points"] > 0


def _value(leaf: Leaf, row: dict[str, Any]) -> float | bool | str | None:
    if leaf.rule.value_kind is ValueKind.CHOICE:
        chosen: str | None = row["choice"]
        return chosen
    number: float | None = row["value"]
    return bool(number) if number is not None and leaf.rule.value_kind is ValueKind.YES_NO else number


def _sentence(row: dict[str, Any], name: str) -> Sentence | None:
    zh = row[f"{name}_zh"]
    return None if zh is None else Sentence(zh, row[f"{name}_en"])


def _listed(rows: pl.DataFrame, order: str) -> tuple[str, ...]:
    return tuple(rows.filter(pl.col(order) <= LISTED).sort(order)["node"])


def _order(column: str, *, least: float) -> pl.Expr:
    """Leaves by a figure, largest first, ties in the scheme's order."""
    counted = pl.when(pl.col("is_leaf") & (pl.col(column) > least)).then(pl.col(column))
    return counted.rank("ordinal", descending=True).over(UNIT)


def _group_means(evaluation: Evaluation) -> pl.DataFrame:
    leaves = evaluation.scores.filter(pl.col("is_leaf") & pl.col("share").is_not_null())
    grouped = leaves.join(evaluation.totals.select(UNIT, GROUP), on=UNIT, how="left", maintain_order="left")
    return grouped.group_by(GROUP, "node", maintain_order=True).agg(pl.col("share").mean().alias("__mean"))


def _sentences(scheme: Scheme, scores: pl.DataFrame) -> pl.DataFrame:
    """Sentences of every value that occurs, each written once."""
    leaves = {leaf.code: leaf for leaf in scheme.leaves()}
    asked = pl.col("value").is_not_null() | pl.col("choice").is_not_null()
    distinct = scores.filter(asked).select(_VALUE).unique(maintain_order=True)
    zh, en = [], []
    for row in distinct.iter_rows(named=True):
        leaf = leaves[row["node"]]
        sentence = leaf.rule.sentence(_value(leaf, row), row["share"])
        zh.append(sentence.zh)
        en.append(sentence.en)
    return distinct.with_columns(pl.Series("sentence_zh", zh, pl.String), pl.Series("sentence_en", en, pl.String))
