"""Every name is there in both languages, and no two siblings share one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shared.scoring.rules.base import Sentence
from shared.scoring.scheme.checks.base import Check, CheckContext, error, warning
from shared.scoring.scheme.document import BranchEntry, SchemeDocument
from shared.scoring.scheme.findings import Finding

LONGEST = 60
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LETTER = re.compile(r"[A-Za-z]")


def names(context: CheckContext) -> Iterator[Finding]:
    """Names."""
    document = context.document
    for node in document.nodes():
        if not _CHINESE.search(node.name.zh):
            yield error("scheme.name_not_chinese", node)
        if not _LETTER.search(node.name.en) or _CHINESE.search(node.name.en):
            yield error("scheme.name_not_english", node)
        if len(node.name.zh) > LONGEST:
            yield warning("scheme.name_long", node, most=LONGEST)
    branches = (node for node in document.nodes() if isinstance(node, BranchEntry))
    families: tuple[SchemeDocument | BranchEntry, ...] = (document, *branches)
    for family in families:
        seen: dict[str, str] = {}
        for child in family.children:
            first = seen.setdefault(child.name.zh, child.code)
            if first != child.code:
                yield warning("scheme.name_twice", child, name=child.name.zh, first=first)


CHECK = Check(
    "names",
    Sentence(
        "中文名、英文名齐全，同级不重名，不超过 60 字",
        "names in Chinese and English, no two siblings alike, at most 60 characters",
    ),
    names,
)
