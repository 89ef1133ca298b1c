"""A school is not marked down for figures that others owe."""

from __future__ import annotations

from collections.abc import Iterator

from shared.scoring.rules.base import Sentence
from shared.scoring.scheme.checks.base import Check, CheckContext, is_computed, warning
from shared.scoring.scheme.findings import Finding
from shared.scoring.scheme.tree import Missing


def missing_values(context: CheckContext) -> Iterator[Finding]:
    """What becomes of leaves without a value."""
    for leaf in context.document.leaves():
        if is_computed(leaf) and leaf.missing is Missing.ZERO:
            yield warning("scheme.missing_computed", leaf)


CHECK = Check(
    "missing_values",
    Sentence(
        "计算得来的指标缺数据时，不宜记零分",
        "a computed value that is missing should not count as nothing",
    ),
    missing_values,
)
