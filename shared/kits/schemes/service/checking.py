"""Everything that is found in a document: by reading it, by the checks of schemes, by the policy. Blocks: use a thread."""

from __future__ import annotations

from typing import Any

from shared.kits.schemes.mounting import Schemes
from shared.scoring.scheme.checks import check_scheme
from shared.scoring.scheme.document import SchemeDocument
from shared.scoring.scheme.findings import Finding, errors, require_sound
from shared.scoring.scheme.reading import read_scheme


def checked(on: Schemes, text: str) -> tuple[SchemeDocument | None, tuple[Finding, ...]]:
    """The document, if it can be read, and everything found in it, in the order of the text."""
    document = read_scheme(text)
    if not isinstance(document, SchemeDocument):
        return None, document
    return document, check_scheme(document, law=on.law, knows_source=on.knows_source)


def readable(text: str) -> SchemeDocument:
    """The document; it may break checks.

    Raises:
        DomainError: ``scheme.faulty`` with everything that keeps it from being read.
    """
    document = read_scheme(text)
    if isinstance(document, SchemeDocument):
        return document
    require_sound(document)
    raise ValueError("what cannot be read has errors")


def can_be_published(findings: tuple[Finding, ...]) -> bool:
    """Whether nothing found is an error."""
    return not errors(findings)


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding as it is kept beside a version."""
    params = {
        name: value if isinstance(value, int | float | str) else str(value) for name, value in finding.params.items()
    }
    return {
        "level": finding.level.value,
        "code": finding.code,
        "line": finding.line,
        "node": finding.node,
        "params": params,
    }
