"""Computed values come from a source that exists."""

from __future__ import annotations

from collections.abc import Iterator

from shared.scoring.rules.base import Sentence
from shared.scoring.scheme.checks.base import Check, CheckContext, error, is_computed
from shared.scoring.scheme.findings import Finding


def sources(context: CheckContext) -> Iterator[Finding]:
    """Sources."""
    knows = context.knows_source
    for leaf in context.document.leaves() if knows is not None else ():
        if is_computed(leaf) and knows is not None and not knows(leaf.source):
            yield error("scheme.source_unknown", leaf, kind=leaf.source.kind.value, key=leaf.source.key)


CHECK = Check(
    "sources", Sentence("计算得来的指标，其数据来源存在", "computed values come from a source that exists"), sources
)
