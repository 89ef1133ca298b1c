"""What nobody has checked against an official text is listed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.scoring.rules.base import Sentence
from shared.scoring.scheme.checks.base import Check, CheckContext, warning
from shared.scoring.scheme.document import DatedValue, LeafEntry
from shared.scoring.scheme.findings import Finding

LISTED = 100


def verification(context: CheckContext) -> Iterator[Finding]:
    """Unverified nodes in one line, unverified dated values in one."""
    document = context.document
    nodes = [node.code for node in document.nodes() if not node.is_verified]
    if nodes:
        yield warning(
            "scheme.not_verified", None, line=document.line, count=len(nodes), nodes=", ".join(nodes[:LISTED])
        )
    dated: list[DatedValue[Any]] = [*document.grades.values]
    for node in document.nodes():
        dated += [*node.weight.values, *(node.rule.values if isinstance(node, LeafEntry) else ())]
    lines = sorted({value.line for value in dated if value.is_verified is False and value.line is not None})
    if lines:
        listed = ", ".join(map(str, lines[:LISTED]))
        yield warning("scheme.values_not_verified", None, line=lines[0], count=len(lines), lines=listed)


CHECK = Check(
    "verification",
    Sentence(
        "列出尚未对照原文核实的指标与取值", "lists nodes and values that were not checked against the official text"
    ),
    verification,
)
