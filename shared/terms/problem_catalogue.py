"""The catalogue of problems: every refusal the platform can give, in Chinese and English.

One YAML file per area in ``problems/``; a code stands in exactly one file. The gateway renders each as a page at
``/problems/<code>``, so the ``type`` of every problem resolves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "problems"


class ProblemKind(StrEnum):
    """What sort of refusal a problem is; the web layer gives each its status."""

    INVALID = "invalid"
    MALFORMED = "malformed"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    NOT_ACCEPTABLE = "not_acceptable"
    TIMEOUT = "timeout"
    CONFLICT = "conflict"
    GONE = "gone"
    PRECONDITION_FAILED = "precondition_failed"
    TOO_LARGE = "too_large"
    UNSUPPORTED_MEDIA = "unsupported_media"
    PRECONDITION_REQUIRED = "precondition_required"
    TOO_MANY = "too_many"
    HEADERS_TOO_LARGE = "headers_too_large"
    INTERNAL = "internal"
    BAD_GATEWAY = "bad_gateway"
    UNAVAILABLE = "unavailable"
    GATEWAY_TIMEOUT = "gateway_timeout"
    STORAGE_FULL = "storage_full"
    FAULT = "fault"


class Mender(StrEnum):
    """Who must act for the problem to go away."""

    VENDOR = "vendor"
    SCHOOL = "school"
    BUREAU = "bureau"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of the catalogue; texts are keyed ``zh`` and ``en`` and may hold ``{placeholders}``."""

    code: str
    kind: ProblemKind
    actor: Mender
    title: Mapping[str, str]
    detail: Mapping[str, str]
    remedy: Mapping[str, str]

    def sentence(self, language: str, params: Mapping[str, object]) -> str:
        """The detail sentence with its values filled in; a missing value shows as ``?`` rather than failing."""
        return self.detail[language].format_map(_Params(params))


class _Params(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "?"


@cache
def catalogue() -> Mapping[str, Problem]:
    """Every problem by code, read once; raises ``ValueError`` on a duplicate or incomplete entry."""
    problems: dict[str, Problem] = {}
    for file in sorted(FOLDER.glob("*.yaml")):
        for code, entry in (yaml.safe_load(file.read_text("utf-8")) or {}).items():
            if code in problems:
                raise ValueError(f"{file.name}: {code} is defined twice")
            problems[code] = _problem(code, entry, file.name)
    return problems


def _problem(code: str, entry: Mapping[str, Any], file: str) -> Problem:
    texts = {}
    for part in ("title", "detail", "remedy"):
        text = entry.get(part) or {}
        if set(text) != {"zh", "en"}:
            raise ValueError(f"{file}: {code}.{part} needs zh and en")
        texts[part] = {language: str(words) for language, words in text.items()}
    return Problem(code, ProblemKind(entry["kind"]), Mender(entry["actor"]), **texts)
