"""Pure decisions about analyses: what a run is given, and what it cites."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from typing import Any, Protocol

import polars as pl

from shared.scoring.methods import METHODS
from shared.scoring.subjects import STATUS_LABELS, TOTAL
from shared.terms.organization import OrgLevel

_LIBRARIES = ("numpy", "polars", "scipy")


class Sheet(Protocol):
    """A school's sheet in force."""

    @property
    def school_code(self) -> str: ...

    @property
    def county_code(self) -> str: ...

    @property
    def sha256(self) -> str: ...

    @property
    def row_count(self) -> int: ...


def frozen_inputs(
    definition: Mapping[str, Any],
    *,
    area: str,
    roster_sha256: str | None,
    sheets: Iterable[Sheet],
    earlier: Mapping[str, Any] | None = None,
    papers: Sequence[Mapping[str, Any]] = (),
    sample: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything the figures of an exam follow from.

    Args:
        definition: the exam's definition.
        area: organization path of the exam.
        roster_sha256: the frozen roster.
        sheets: every school's sheet in force.
        earlier: frozen inputs of the exam that progress starts at, if there is one.
        papers: papers with the item sheets in force: ``subject``, ``content``, ``sheets``.
        sample: files and replacements of the draw, where the schools were drawn.
    """
    return {
        "definition": dict(definition),
        "area": area,
        **({"earlier": earlier} if earlier else {}),
        **({"papers": list(papers)} if papers else {}),
        **({"sample": sample} if sample else {}),
        "roster_sha256": roster_sha256,
        "sheets": [
            {
                "school_code": sheet.school_code,
                "county_code": sheet.county_code,
                "sha256": sheet.sha256,
                "rows": sheet.row_count,
            }
            for sheet in sorted(sheets, key=lambda sheet: sheet.school_code)
        ],
    }


def canonical_sha256(content: Mapping[str, Any]) -> str:
    """SHA-256 of a JSON object in the one form that equal objects share (sorted keys, no spaces, UTF-8)."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def counts_of(summary: pl.LazyFrame) -> dict[str, Any]:
    """Schools, classes and candidates of an analysis, and candidates by status for every subject with marks.

    Args:
        summary: the result frame of that name.
    """
    labels = [f"n_{status}" for status in STATUS_LABELS[1:]]
    rows = summary.filter(pl.col("role") != TOTAL).select("level", "subject", "n_sat", *labels).collect()
    city = rows.filter(pl.col("level") == OrgLevel.CITY.value).sort("subject")
    statuses = {
        row["subject"]: {"present": row["n_sat"]} | {status: row[f"n_{status}"] for status in STATUS_LABELS[1:]}
        for row in city.iter_rows(named=True)
    }
    per_level = rows.filter(pl.col("subject") == city["subject"].first())["level"].value_counts()
    groups = dict(per_level.iter_rows())
    return {
        "schools": groups.get(OrgLevel.SCHOOL.value, 0),
        "classes": groups.get(OrgLevel.CLASS.value, 0),
        "candidates": max(sum(counts.values()) for counts in statuses.values()),
        "statuses": statuses,
    }


def method_list(names: Iterable[str]) -> list[dict[str, str]]:
    """Methods by id, each once, as a run stores them."""
    known = {method.id: method for method in METHODS}
    return [asdict(known[name]) for name in sorted(set(names))]


@cache
def software() -> Mapping[str, str]:
    """Versions of the libraries that figures and files depend on; they stay while the process runs."""
    return {name: version(name) for name in _LIBRARIES}
