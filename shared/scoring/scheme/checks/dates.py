"""A dated value covers the whole life of its node, begins in order, and not after the end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from shared.scoring.rules.base import Sentence
from shared.scoring.scheme.checks.base import Check, CheckContext, error
from shared.scoring.scheme.document import BranchEntry, Dated, LeafEntry, Life
from shared.scoring.scheme.findings import Finding


def dates(context: CheckContext) -> Iterator[Finding]:
    """Days."""
    document = context.document
    whole = document.life
    if whole.from_on and whole.until_on and whole.until_on < whole.from_on:
        yield error("scheme.life_ends_first", None, line=document.line, node=document.code)
    yield from _values(None, document.grades, whole, "grades")
    for node in document.nodes():
        life = node.life
        if life.from_on and life.until_on and life.until_on < life.from_on:
            yield error("scheme.life_ends_first", node)
        own = Life(
            from_on=max(_days(life.from_on, whole.from_on), default=None), until_on=life.until_on or whole.until_on
        )
        yield from _values(node, node.weight, own, "weight")
        if isinstance(node, LeafEntry):
            yield from _values(node, node.rule, own, "rule")


def _days(*days: dt.date | None) -> list[dt.date]:
    return [day for day in days if day is not None]


def _values(node: BranchEntry | LeafEntry | None, dated: Dated[Any], life: Life, what: str) -> Iterator[Finding]:
    begins = dated.days
    if not begins:
        return
    if life.from_on is not None and begins[0] > life.from_on:
        params = {"what": what, "first": begins[0], "needed": life.from_on}
        yield error("scheme.value_begins_late", node, line=dated.values[0].line, **params)
    for (_, earlier), (value, later) in pairwise(zip(dated.values, begins, strict=False)):
        if later <= earlier:
            yield error("scheme.values_out_of_order", node, line=value.line, what=what, day=later)
        if life.until_on is not None and later > life.until_on:
            yield error(
                "scheme.value_begins_after_end", node, line=value.line, what=what, day=later, last=life.until_on
            )
    for value in dated.values:
        if (
            value.last_confirmed_on is not None
            and value.from_on is not None
            and value.last_confirmed_on < value.from_on
        ):
            day = value.last_confirmed_on
            yield error("scheme.confirmed_before_it_began", node, line=value.line, what=what, day=day)


CHECK = Check(
    "dates",
    Sentence(
        "带日期的取值自生效日起不间断、按先后排列、不晚于失效日",
        "dated values cover the whole life, in order, none beginning after its end",
    ),
    dates,
)
