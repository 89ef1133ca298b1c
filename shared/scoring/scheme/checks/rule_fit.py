"""The rule can read the values that its source gives."""

from __future__ import annotations

from collections.abc import Iterator

from shared.scoring.rules.base import Sentence, ValueKind
from shared.scoring.scheme.checks.base import Check, CheckContext, error
from shared.scoring.scheme.findings import Finding
from shared.scoring.scheme.tree import SourceKind

FIGURES_ONLY = frozenset({SourceKind.MONITORING, SourceKind.STATISTICS, SourceKind.SURVEY})


def rule_fit(context: CheckContext) -> Iterator[Finding]:
    """Rules against sources, and against their own earlier selves."""
    for leaf in context.document.leaves():
        kinds = {value.value.value_kind for value in leaf.rule.values}
        if leaf.source.kind in FIGURES_ONLY and ValueKind.CHOICE in kinds:
            yield error("scheme.rule_does_not_fit", leaf, line=leaf.rule.line, kind=leaf.source.kind.value)
        if len(kinds) > 1:
            yield error("scheme.value_kind_changes", leaf, line=leaf.rule.line, kinds=", ".join(sorted(kinds)))


CHECK = Check(
    "rule_fit",
    Sentence(
        "规则与数据来源的取值类型相符，且前后一致",
        "rules fit the kind of values of their source, and do not change it over time",
    ),
    rule_fit,
)
