"""What to do next: suggestions by kind of finding, as data (suggestions.yaml)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from services.monitoring.reports.findings import Finding

_FILE = Path(__file__).with_name("suggestions.yaml")
#: Names that one sentence takes; a longer list stands in its own section of the report.
_MOST_NAMED = 5
_JOINED = {"zh": "、", "en": ", "}
_MORE = {"zh": "等", "en": " and others"}


@cache
def content() -> Mapping[str, Any]:
    """Links and suggestions."""
    loaded: Mapping[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    return loaded


@cache
def digest() -> str:
    """SHA-256 of the text: a report made with another text is another report."""
    return hashlib.sha256(_FILE.read_bytes()).hexdigest()


def suggestions(found: Sequence[Finding]) -> list[dict[str, Any]]:
    """Suggestions under the seven links, in their order; links without any are left out.

    Args:
        found: findings, weightier ones first.
    """
    loaded = content()
    by_link: dict[str, list[dict[str, str]]] = {link: [] for link in loaded["links"]}
    for finding in found:
        for entry in loaded["suggestions"].get(finding.kind.value, ()):
            words = {language: entry[language].replace("{about}", _named(finding, language)) for language in _JOINED}
            by_link[entry["link"]].append({"finding": finding.kind.value, **words})
    return [
        {
            "link": link,
            "name_zh": loaded["links"][link]["name_zh"],
            "name_en": loaded["links"][link]["en"],
            "items": items,
        }
        for link, items in by_link.items()
        if items
    ]


def _named(finding: Finding, language: str) -> str:
    named = _JOINED[language].join(finding.about[:_MOST_NAMED])
    return named + (_MORE[language] if len(finding.about) > _MOST_NAMED else "")
