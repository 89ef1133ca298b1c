"""A school's result as the data that its printed report is typeset from: every text ready, figures rounded once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import yaml

from services.school_eval.results.printing.template import SCHOOL_REPORT
from services.school_eval.results.schemas import (
    ExplanationOut,
    LeafNamedOut,
    ProfileOut,
)
from shared.kits.explanations import ExplanationNodeOut
from shared.scoring.printed_figures import drawn, printed

Words = dict[str, Any]


@cache
def words() -> Words:
    """The report's words."""
    found: Words = yaml.safe_load(SCHOOL_REPORT.words.read_text("utf-8"))
    return found


def printed_result(profile: ProfileOut, explanation: ExplanationOut, *, campaign: dict[str, str]) -> dict[str, Any]:
    """What the template takes.

    Args:
        profile: a school's result as its reader sees it.
        explanation: the same of its points.
        campaign: the campaign's name in ``zh`` and ``en``.
    """
    text, school = words(), profile.school
    return {
        "title": text["title"],
        "campaign": campaign,
        "school": school.name_zh,
        "version": profile.version,
        "facts": [
            {"name": text["total"], "value": points(school.total)},
            {"name": text["grade"], "value": school.grade or text["none"]["zh"]},
            {"name": text["group"], "value": profile.band.group},
        ],
        "sentences": [profile.grade_sentence, _band(profile)],
        "dimensions": {"title": text["dimensions"], "legend": text["legend"], "rows": _rows(profile)},
        "strengths": {"title": text["strengths"], "rows": [_named(leaf) for leaf in profile.strengths]},
        "to_mend": {"title": text["to_mend"], "rows": [_named(leaf) for leaf in profile.to_mend]},
        "how": {
            "title": text["how"],
            "columns": list(text["columns"].values()),
            "rows": list(_explained(explanation.root, depth=0)),
        },
        "footer": text["footer"]["zh"],
    }


def _band(profile: ProfileOut) -> dict[str, str]:
    text = words()["few"] if profile.band.quarter is None else words()["quarter"]
    values = {"units": profile.band.units, "quarter": profile.band.quarter}
    return {language: sentence.format(**values) for language, sentence in text.items()}


def _rows(profile: ProfileOut) -> list[dict[str, Any]]:
    return [
        {
            "name": dimension.name["zh"],
            "depth": dimension.depth,
            "value": drawn(dimension.percent),
            "mean": drawn(dimension.group_mean),
            "text": printed(dimension.percent, suffix="%") or words()["none"]["zh"],
        }
        for dimension in profile.dimensions
    ]


def _named(leaf: LeafNamedOut) -> str:
    return f"{leaf.node} {leaf.name['zh']}（{points(leaf.printed_points)}／{points(leaf.printed_points_possible)}）"


def _explained(node: ExplanationNodeOut, *, depth: int) -> Iterator[dict[str, Any]]:
    if node.code:
        yield {
            "depth": depth,
            "is_leaf": not node.children,
            "code": node.code,
            "name": node.name["zh"],
            "value": "" if node.children else _value(node.value),
            "points": f"{points(node.printed_points)}／{points(node.printed_points_possible)}",
            "why": "" if node.children else _why(node),
        }
    for child in node.children:
        yield from _explained(child, depth=depth + 1 if node.code else depth)


def _why(node: ExplanationNodeOut) -> str:
    """The rule's sentence where there is a value, else what becomes of a leaf without one."""
    if node.sentence is not None and node.status == "scored":
        return node.sentence["zh"]
    return str(words()["status"][node.status]["zh"])


def _value(value: float | bool | str | None) -> str:
    text = words()
    if value is None:
        return str(text["none"]["zh"])
    if isinstance(value, bool):
        return str(text["yes" if value else "no"]["zh"])
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def points(value: float | None) -> str:
    """Points as they are printed everywhere: two decimals, already rounded."""
    return words()["none"]["zh"] if value is None else f"{value:.2f}"
