"""What is computed is entered by nobody; what is entered is not computed."""

from __future__ import annotations

from collections.abc import Iterator

from shared.scoring.rules.base import Sentence
from shared.scoring.scheme.checks.base import Check, CheckContext, error, is_computed
from shared.scoring.scheme.findings import Finding
from shared.scoring.scheme.tree import Evaluator, Method, SourceKind, SubjectOfScheme


def evaluators(context: CheckContext) -> Iterator[Finding]:
    """Evaluators and methods."""
    # Whoever is judged does not have the last word on what others look at.
    judged = Evaluator.SELF if context.document.of is SubjectOfScheme.STAFF else Evaluator.SCHOOL
    for leaf in context.document.leaves():
        source = leaf.source.kind.value
        if is_computed(leaf):
            if leaf.evaluators != (Evaluator.PLATFORM,):
                yield error("scheme.computed_by_people", leaf, kind=source)
            if not set(leaf.methods) & (
                {Method.SURVEY} if leaf.source.kind is SourceKind.SURVEY else {Method.COMPUTED}
            ):
                yield error("scheme.method_does_not_fit", leaf, kind=source, methods=", ".join(leaf.methods))
            continue
        if Evaluator.PLATFORM in leaf.evaluators:
            yield error("scheme.entered_by_platform", leaf, kind=source)
        if Method.COMPUTED in leaf.methods:
            yield error("scheme.method_does_not_fit", leaf, kind=source, methods=", ".join(leaf.methods))
        if leaf.source.kind is SourceKind.INSPECTION and leaf.evaluators[-1] is judged:
            yield error("scheme.inspected_by_itself", leaf)


CHECK = Check(
    "evaluators",
    Sentence(
        "计算得来的由平台给出，填报的不由平台给出，督查的不由被评者自己定",
        "computed values come from the platform, entered ones do not, and nobody judged inspects themselves",
    ),
    evaluators,
)
