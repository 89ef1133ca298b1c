"""Schemes that come with the platform: the files of the folder ``schemes``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.kits.schemes.service.reading import document_of
from shared.scoring.scheme.document import SchemeDocument
from shared.scoring.scheme.tree import SubjectOfScheme
from shared.terms.errors import DomainError

FOLDER = Path(__file__).parents[3] / "schemes"
EXAMPLES = ".examples"


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A scheme that comes with the platform: its text, and the text of its worked examples."""

    text: str
    examples: str | None

    @property
    def document(self) -> SchemeDocument:
        """What the text says; blocks when it is read for the first time."""
        return document_of(self.text)


@cache
def _all() -> dict[str, BuiltIn]:
    found = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        if path.stem.endswith(EXAMPLES):
            continue
        examples = path.with_name(f"{path.stem}{EXAMPLES}.yaml")
        entry = BuiltIn(path.read_text("utf-8"), examples.read_text("utf-8") if examples.exists() else None)
        found[entry.document.code] = entry
    return found


def built_ins(subjects: Collection[SubjectOfScheme]) -> dict[str, BuiltIn]:
    """Built-in schemes by code that judge one of these; blocks: use a thread."""
    return {code: entry for code, entry in _all().items() if entry.document.of in subjects}


def built_in(subjects: Collection[SubjectOfScheme], code: str) -> BuiltIn:
    """One of them, or ``resource.not_found``."""
    found = built_ins(subjects).get(code)
    if found is None:
        raise DomainError("resource.not_found", params={"what": f"built-in scheme {code}"})
    return found
