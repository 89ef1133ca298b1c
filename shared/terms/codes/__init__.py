"""Code lists of the field, one YAML file each: title, source, whether checked against it, and the codes.

A list with ``verified: false`` is known but was not checked against the official text; one with ``complete: false`` holds
only the codes that schools of the city use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class CodeItem:
    """One code with its names."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class CodeList:
    """A code list.

    Args:
        name: plural English noun, the name of its file.
        title: what it codes, keyed ``zh`` and ``en``.
        source: document the codes come from.
        verified: whether the codes were seen in a published source.
        complete: whether no code of the source is missing.
        note: what a reader should know.
        items: the codes in the order of the source.
    """

    name: str
    title: Mapping[str, str]
    source: str
    verified: bool
    complete: bool
    note: str | None
    items: tuple[CodeItem, ...]

    @cached_property
    def codes(self) -> Mapping[str, CodeItem]:
        """Items by code."""
        return {item.code: item for item in self.items}

    @cached_property
    def _by_name(self) -> Mapping[str, str]:
        return {item.zh: item.code for item in self.items}

    def code_of(self, text: str) -> str | None:
        """The code a text stands for: the code itself or its Chinese name; ``None`` when it is neither."""
        return text if text in self.codes else self._by_name.get(text)


@cache
def code_lists() -> Mapping[str, CodeList]:
    """Every list by name, read once; raises ``ValueError`` on a list that is malformed or repeats a code."""
    return {file.stem: _read(file) for file in sorted(FOLDER.glob("*.yaml"))}


def _read(file: Path) -> CodeList:
    content: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    items = tuple(CodeItem(**item) for item in content.pop("items"))
    if len({item.code for item in items}) != len(items):
        raise ValueError(f"{file.name}: a code is repeated")
    return CodeList(name=file.stem, note=content.pop("note", None), items=items, **content)
