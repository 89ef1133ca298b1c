"""Values that nobody has confirmed for a long time: unchanged and forgotten look alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from shared.scoring.rules.base import Sentence
from shared.scoring.scheme.checks.base import Check, CheckContext, warning
from shared.scoring.scheme.document import BranchEntry, Dated, LeafEntry
from shared.scoring.scheme.findings import Finding

MOST_DAYS = 3 * 366


def confirmation(context: CheckContext) -> Iterator[Finding]:
    """The value in force on the day of the check."""
    if context.on is None:
        return
    yield from _stale(None, context.document.grades, context.on, "grades")
    for node in context.document.nodes():
        yield from _stale(node, node.weight, context.on, "weight")
        if isinstance(node, LeafEntry):
            yield from _stale(node, node.rule, context.on, "rule")


def _stale(node: BranchEntry | LeafEntry | None, dated: Dated[Any], on: dt.date, what: str) -> Iterator[Finding]:
    holding = [value for value in dated.values if value.from_on is not None and value.from_on <= on]
    if not holding:
        return
    value = holding[-1]
    last = value.last_confirmed_on or value.from_on
    if last is not None and (on - last).days > MOST_DAYS:
        yield warning("scheme.not_confirmed_lately", node, line=value.line, what=what, day=last)


CHECK = Check(
    "confirmation",
    Sentence("现行取值三年内有人确认过", "values in force were confirmed within three years"),
    confirmation,
)
