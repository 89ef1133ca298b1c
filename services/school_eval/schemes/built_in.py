"""Schemes that come with the platform: the files of the folder ``schemes``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.school_eval.schemes.service.reading import document_of
from shared.scoring.scheme.document import SchemeDocument
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
def built_ins() -> dict[str, BuiltIn]:
    """Every built-in scheme by code; blocks: use a thread."""
    found = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        if path.stem.endswith(EXAMPLES):
            continue
        examples = path.with_name(f"{path.stem}{EXAMPLES}.yaml")
        entry = BuiltIn(path.read_text("utf-8"), examples.read_text("utf-8") if examples.exists() else None)
        found[entry.document.code] = entry
    return found


def built_in(code: str) -> BuiltIn:
    """One built-in scheme, or ``resource.not_found``."""
    found = built_ins().get(code)
    if found is None:
        raise DomainError("resource.not_found", params={"what": f"built-in scheme {code}"})
    return found
