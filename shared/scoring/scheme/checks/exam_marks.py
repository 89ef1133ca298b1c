"""What comes from exams says so."""

from __future__ import annotations

from collections.abc import Iterator

from shared.scoring.rules.base import Sentence
from shared.scoring.scheme.checks.base import Check, CheckContext, warning
from shared.scoring.scheme.findings import Finding
from shared.scoring.scheme.tree import SourceKind


def exam_marks(context: CheckContext) -> Iterator[Finding]:
    """Leaves from monitoring that are not marked as exam-derived."""
    for leaf in context.document.leaves():
        if leaf.source.kind is SourceKind.MONITORING and not leaf.is_exam_derived:
            yield warning("scheme.exam_not_marked", leaf, key=leaf.source.key)


CHECK = Check(
    "exam_marks",
    Sentence("来自考试与监测的指标标明 exam_derived", "what comes from exams and monitoring is marked exam_derived"),
    exam_marks,
)
