"""Weights are positive where marks are given, 0 where none are, and add up as declared, on every day."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from shared.scoring.rules.base import Sentence, figure
from shared.scoring.scheme.checks.base import Check, CheckContext, carries_no_marks, error
from shared.scoring.scheme.document import BranchEntry, SchemeDocument
from shared.scoring.scheme.findings import Finding


def weights(context: CheckContext) -> Iterator[Finding]:
    """Weights."""
    document = context.document
    for node in document.nodes():
        empty = carries_no_marks(node)
        for value in node.weight.values:
            if empty and value.value != 0:
                yield error("scheme.weight_not_zero", node, line=value.line, weight=figure(value.value))
            if not empty and value.value == 0:
                yield error("scheme.weight_zero", node, line=value.line)
        if isinstance(node, BranchEntry) and not node.children:
            yield error("scheme.branch_empty", node)
    if not any(not carries_no_marks(child) for child in document.children):
        yield error("scheme.nothing_scored", None, line=document.line)
    yield from _sums(document)


def _sums(document: SchemeDocument) -> Iterator[Finding]:
    branches = (node for node in document.nodes() if isinstance(node, BranchEntry))
    families: tuple[SchemeDocument | BranchEntry, ...] = (document, *branches)
    for family in families:
        declared, reported = family.weights_sum_to, family.weights_sum_to
        for day in document.days if declared is not None else ():
            living = [child for child in family.children if child.life.holds(day)]
            found = sum((child.weight.at(day) or Decimal(0) for child in living), Decimal(0))
            if found not in (declared, reported):
                reported = found
                node = family if isinstance(family, BranchEntry) else None
                params = {"node": family.code, "sum": figure(found), "declared": figure(declared or 0), "day": day}
                yield error("scheme.weights_sum", node, line=family.line, **params)


CHECK = Check(
    "weights",
    Sentence(
        "计分的权重大于 0，一票否决与只观察的为 0，写明合计的逐日相符",
        "weights are above 0 where marks are given, 0 for vetoes and what is only observed, and add up as declared",
    ),
    weights,
)
