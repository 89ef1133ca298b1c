"""Codes are unique and can be columns of a table."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shared.scoring.rules.base import Sentence
from shared.scoring.scheme.checks.base import Check, CheckContext, error
from shared.scoring.scheme.findings import Finding

PATTERN = r"[A-Za-z][A-Za-z0-9]*([._-][A-Za-z0-9]+)*"
LONGEST = 40
SCHEME_PATTERN = r"[a-z][a-z0-9]*(_[a-z0-9]+)*"
#: Columns that stand beside the leaves in frames of values.
RESERVED = frozenset({"unit_code", "group"})


def codes(context: CheckContext) -> Iterator[Finding]:
    """Codes."""
    document = context.document
    if not re.fullmatch(SCHEME_PATTERN, document.code) or len(document.code) > LONGEST:
        yield error("scheme.code_malformed", None, line=document.line, node=document.code[:LONGEST], most=LONGEST)
    seen: dict[str, int | None] = {}
    for node in document.nodes():
        if not re.fullmatch(PATTERN, node.code) or len(node.code) > LONGEST or node.code in RESERVED:
            yield error("scheme.code_malformed", node, most=LONGEST)
        if node.code.lower() in seen:
            yield error("scheme.code_twice", node, first=seen[node.code.lower()])
        seen.setdefault(node.code.lower(), node.line)


CHECK = Check(
    "codes",
    Sentence(
        "代码唯一（不分大小写）、写法规范、不与固定列名相同",
        "codes are unique whatever their case, well formed, and no fixed column's name",
    ),
    codes,
)
