"""Minors and those who act for them: ages, relations, and what is not asked about families. From dated data. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("minors.yaml")


@dataclass(frozen=True, slots=True)
class Relation:
    """What a guardian is to a pupil.

    Args:
        code: ``parent`` or ``other``.
        name: by language.
        words: how it is written in sheets.
        needs_document: whether a document must say so.
    """

    code: str
    name: Mapping[str, str]
    words: tuple[str, ...]
    needs_document: bool


@dataclass(frozen=True, slots=True)
class MinorsPolicy:
    """The rules.

    Args:
        child_under: age below which a guardian decides alone.
        adult_from: age from which nobody is guardian.
        fourteen_from_grade: grade from which pupils count as fourteen where no age is known.
        relations: by code.
        refused_titles: columns that are refused.
        refused_by: the documents that refuse them, as people read them.
    """

    child_under: int
    adult_from: int
    fourteen_from_grade: int
    relations: Mapping[str, Relation]
    refused_titles: tuple[str, ...]
    refused_by: str

    def is_child(self, age: int | None, grade_level: int | None) -> bool:
        """Whether a pupil counts as under fourteen; of whom nothing is known does."""
        if age is not None:
            return age < self.child_under
        return grade_level is None or grade_level < self.fourteen_from_grade

    def is_adult(self, age: int | None) -> bool:
        """Whether somebody is known to be of age."""
        return age is not None and age >= self.adult_from

    def relation_words(self) -> Mapping[str, str]:
        """Code of a relation by every word it is written as, the code itself among them."""
        return {word: code for code, each in self.relations.items() for word in (code, *each.words)}


@cache
def minors_policy() -> MinorsPolicy:
    """The rules in force."""
    content = yaml.safe_load(_FILE.read_text("utf-8"))
    refused = content["refused_columns"]
    named = [content["documents"][refused[part]]["document"] for part in ("document", "also")]
    return MinorsPolicy(
        child_under=content["child_under"]["value"],
        adult_from=content["adult_from"]["value"],
        fourteen_from_grade=content["fourteen_from_grade"]["value"],
        relations={
            code: Relation(code, entry["name"], tuple(entry["words"]), entry["needs_document"])
            for code, entry in content["relations"].items()
        },
        refused_titles=tuple(refused["titles"]),
        refused_by=f"{named[0]}第六条、{named[1]}",
    )
