"""Limits make sense: every leaf applies to somebody whom the scheme judges, and everybody is judged by something."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shared.scoring.rules.base import Sentence
from shared.scoring.scheme.checks.base import Check, CheckContext, error
from shared.scoring.scheme.findings import Finding
from shared.scoring.scheme.items import ELSEWHERE, kinds_of_units, scheme_items

PATTERN = r"[a-z][a-z0-9_]{0,39}"


def applicability(context: CheckContext) -> Iterator[Finding]:
    """Attributes and their values."""
    document = context.document
    for attribute in (*document.group_by, *document.applies_to):
        if not re.fullmatch(PATTERN, attribute):
            yield error("scheme.attribute_malformed", None, line=document.line, attribute=attribute[:40])
    for leaf in document.leaves():
        for attribute, values in leaf.applies_to.items():
            if not re.fullmatch(PATTERN, attribute):
                yield error("scheme.attribute_malformed", leaf, attribute=attribute[:40])
            judged = document.applies_to.get(attribute)
            if not values or (judged is not None and not set(values) & set(judged)):
                yield error("scheme.applies_to_nobody", leaf, attribute=attribute, values=", ".join(values))
    for scheme in context.schemes:
        shares = scheme_items(scheme).leaf_shares
        for unit, leaves in zip(kinds_of_units(scheme), shares, strict=True):
            if not leaves:
                whom = ", ".join(f"{name}={value}" for name, value in unit.items() if value != ELSEWHERE) or "…"
                yield error("scheme.judged_by_nothing", None, line=document.line, units=whom, day=scheme.as_of)


CHECK = Check(
    "applicability",
    Sentence(
        "适用范围写法规范，每项都有适用对象，每个对象都有适用的指标",
        "limits are well formed, every leaf applies to somebody, and nobody is judged by nothing",
    ),
    applicability,
)
