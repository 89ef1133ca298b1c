"""A veto caps at a grade that exists on every day, and one that is worse than the best."""

from __future__ import annotations

from collections.abc import Iterator

from shared.scoring.rules.base import Sentence
from shared.scoring.scheme.checks.base import Check, CheckContext, error, is_veto, warning
from shared.scoring.scheme.document import LeafEntry
from shared.scoring.scheme.findings import Finding
from shared.scoring.scheme.tree import Missing


def vetoes(context: CheckContext) -> Iterator[Finding]:
    """Vetoes."""
    entries: dict[str, LeafEntry] = {leaf.code: leaf for leaf in context.document.leaves()}
    for scheme in context.schemes:
        known = [band.grade for band in scheme.grades]
        for leaf in scheme.leaves():
            cap = leaf.rule.caps_at
            if cap is None:
                continue
            if cap not in known:
                yield error("scheme.veto_grade_unknown", entries[leaf.code], grade=cap, allowed=", ".join(known))
            elif cap == known[0]:
                yield error("scheme.veto_without_effect", entries[leaf.code], grade=cap)
    for entry in entries.values():
        if is_veto(entry) and entry.missing is Missing.ZERO:
            yield warning("scheme.veto_missing_zero", entry)


CHECK = Check(
    "vetoes",
    Sentence("一票否决所限等级存在且低于最高等级", "vetoes cap at a grade that exists and is not the best"),
    vetoes,
)
