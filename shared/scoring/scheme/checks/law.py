"""What the law refuses; there is no way round it."""

from __future__ import annotations

from collections.abc import Iterator

from shared.scoring.rules.base import Sentence
from shared.scoring.scheme.checks.base import Check, CheckContext, schemes_on
from shared.scoring.scheme.findings import Finding, Level
from shared.scoring.scheme.items import scheme_items


def law(context: CheckContext) -> Iterator[Finding]:
    """Objections of the law, on the last day of everything that holds for a while: laws come into force meanwhile."""
    document, objections = context.document, context.law
    if objections is None:
        return
    lines = {node.code: node.line for node in document.nodes()}
    for scheme in schemes_on(document, document.last_days):
        for objection in objections(scheme_items(scheme)):
            node = objection.node
            line = document.line if node is None else lines.get(node)
            yield Finding(Level.ERROR, objection.code, line, node, {"node": node or document.code, **objection.params})


CHECK = Check(
    "law",
    Sentence(
        "不得以升学率、中高考成绩等计分，考试类指标、论文、称号等所占比例不超过上限；不设例外",
        "no entrance rates or entrance exam results as scored items, caps on exams, papers and titles; no exceptions",
    ),
    law,
)
