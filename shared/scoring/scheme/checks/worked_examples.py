"""Worked examples cover every leaf and come out as they say."""

from __future__ import annotations

from collections.abc import Iterator

from shared.scoring.rules.base import Sentence
from shared.scoring.scheme.checks.base import Check, CheckContext, error, warning
from shared.scoring.scheme.examples import example_differences
from shared.scoring.scheme.findings import Finding, Level


def worked_examples(context: CheckContext) -> Iterator[Finding]:
    """Coverage and results; lines of results are those of the file of examples."""
    document, examples = context.document, context.examples
    if examples is None or not examples.examples:
        yield warning("scheme.without_examples", None, line=document.line, node=document.code)
        return
    if examples.scheme != document.code:
        yield error("scheme.examples_of_another", None, line=document.line, node=document.code, other=examples.scheme)
        return
    expected = examples.expected_leaves
    for leaf in document.leaves():
        if leaf.code not in expected:
            yield error("scheme.leaf_without_example", leaf)
    for difference in example_differences(document, examples):
        params = {
            "example": difference.example,
            "unit": difference.unit,
            "what": difference.what,
            "node": difference.node,
            "expected": difference.expected,
            "found": difference.found,
            "line": difference.line,
        }
        yield Finding(Level.ERROR, "scheme.example_differs", document.line, difference.node, params)


CHECK = Check(
    "worked_examples",
    Sentence("算例覆盖每一个观测点，且结果与所写一致", "worked examples cover every leaf and come out as they say"),
    worked_examples,
    needs_sound=True,
)
