"""How many figures a school enters by hand (为基层减负)."""

from __future__ import annotations

from collections.abc import Iterator

from shared.scoring.rules.base import Sentence
from shared.scoring.scheme.checks.base import Check, CheckContext, figures_asked, warning
from shared.scoring.scheme.findings import Finding
from shared.scoring.scheme.tree import Evaluator

MOST_ASKED = 60


def burden(context: CheckContext) -> Iterator[Finding]:
    """Figures asked of schools."""
    document = context.document
    asked = figures_asked(document, Evaluator.SCHOOL)
    if asked > MOST_ASKED:
        yield warning("scheme.burden", None, line=document.line, count=asked, most=MOST_ASKED)


CHECK = Check(
    "burden",
    Sentence(f"学校手工填报不超过 {MOST_ASKED} 项", f"schools enter at most {MOST_ASKED} figures by hand"),
    burden,
)
