"""What is verified says against which document, and so does every dated value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.scoring.rules.base import Sentence
from shared.scoring.scheme.checks.base import Check, CheckContext, error, finding
from shared.scoring.scheme.document import BranchEntry, Dated, LeafEntry, SchemeDocument
from shared.scoring.scheme.findings import Finding, Level


def documents(context: CheckContext) -> Iterator[Finding]:
    """Documents."""
    document = context.document
    if document.is_verified and document.document is None:
        yield error("scheme.verified_without_document", None, line=document.line, node=document.code)
    yield from _values(None, document.grades, document, "grades")
    for node in document.nodes():
        if node.is_verified and (node.document or document.document) is None:
            yield error("scheme.verified_without_document", node)
        yield from _values(node, node.weight, document, "weight")
        if isinstance(node, LeafEntry):
            yield from _values(node, node.rule, document, "rule")


def _values(
    node: BranchEntry | LeafEntry | None, dated: Dated[Any], document: SchemeDocument, what: str
) -> Iterator[Finding]:
    code = document.code if node is None else node.code
    for value in dated.values:
        if value.from_on is not None and value.document is None:
            level = Level.ERROR if value.is_verified else Level.FUTURE_ERROR
            params = {"node": code, "what": what, "day": value.from_on}
            yield finding(level, "scheme.value_without_document", node, line=value.line, **params)


CHECK = Check(
    "documents",
    Sentence(
        "已核实的内容注明文件；带日期的取值未注明文件的，今后不再接受",
        "what is verified cites its document; dated values without one will be refused later",
    ),
    documents,
)
