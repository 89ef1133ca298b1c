"""Parts of the printed report that exams with items and named pupils have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shared.scoring.printed_figures import drawn, interval, percent, printed

#: Rows of a chart of one column of the specification table.
MOST_ROWS = 12
#: Pupils that one report prints; the JSON has all of them.
MOST_PUPILS = 120
Words = Mapping[str, Any]


def aspects(found: Mapping[str, Sequence[Mapping[str, Any]]], text: Words, name: str) -> dict[str, Any]:
    """Gaps and strengths as a chart of differences, the rest by name."""
    told = [*found["gap"][:MOST_ROWS], *found["strength"][: MOST_ROWS - min(len(found["gap"]), MOST_ROWS - 3)]]
    quiet = "、".join(aspect["code"] for aspect in found["in_line"])
    return {
        "heading": text["headings"][name],
        "rows": [_aspect(aspect, text) for aspect in told],
        "in_line": f"{text['in_line']}{quiet}" if quiet else None,
    }


def _aspect(aspect: Mapping[str, Any], text: Words) -> dict[str, Any]:
    gap = aspect["gap"]
    return {
        "label": aspect["code"],
        "value": drawn(gap["value"], scale=100),
        "low": drawn(gap["ci"][0], scale=100),
        "high": drawn(gap["ci"][1], scale=100),
        "beyond": True,
        "text": (
            f"{percent(aspect['attainment']['value'])} / {percent(aspect['reference_attainment'])}  "
            f"{text['verdicts'][aspect['verdict']]} {printed(gap['value'], scale=100, signed=True)} "
            f"{interval(gap['ci'], scale=100, signed=True)}"
        ),
    }


def items(found: Mapping[str, Any], text: Words) -> dict[str, Any]:
    """Score rates of the items in the order of the paper, beside the reference's, and the ones to look at."""
    notes = [
        {"label": text["items"][name], "text": "、".join(found[name])}
        for name in ("hardest", "easiest", "behind", "ahead")
        if found[name]
    ]
    return {
        "heading": text["headings"]["items"],
        "rows": [
            {
                "label": item["code"],
                "own": drawn(item["attainment"]["value"], scale=100),
                "text": printed(item["attainment"]["value"], scale=100) or "",
                "reference": drawn(item["reference_attainment"], scale=100),
                "beyond": item["verdict"] in ("strength", "gap"),
            }
            for item in found["items"]
        ],
        "notes": notes,
    }


def options(found: Sequence[Mapping[str, Any]], text: Words) -> dict[str, Any] | None:
    """Options that are worth a look; choice items without any are left out."""
    rows = [row for item in found for row in _options(item, text)]
    return {"heading": text["headings"]["options"], "columns": text["option_columns"], "rows": rows} if rows else None


def _options(item: Mapping[str, Any], text: Words) -> Iterator[list[str]]:
    for option in item["options"]:
        remarks = [text["option_flags"][flag] for flag in ("outdraws_key_at_top", "attracts_the_able") if option[flag]]
        shares = () if option["is_key"] else option["own_shares"]
        more = [_chooser(own, text) for own in shares if own["verdict"] == "strength"]
        if more:
            remarks.append(text["option_flags"]["chosen_more"].replace("{classes}", "、".join(more)))
        if remarks:
            name = option["option"] or text["no_choice"]
            share = percent(option["reference_share"]["value"]) or text["withheld_short"]
            yield [item["code"], name, share, "；".join(remarks)]


def _chooser(own: Mapping[str, Any], text: Words) -> str:
    return f"{own['class_code']} 班" if own["class_code"] is not None else str(text["own"]["school"])


def pupils(found: Mapping[str, Any], text: Words) -> dict[str, Any]:
    """Candidates to help, in the order of class and number: never by mark."""
    rows = [
        [
            pupil["class_code"] or "",
            pupil["candidate_id"],
            printed(pupil["mark"]) or text["withheld_short"],
            text["pupil_reasons"][pupil["reason"]],
            "、".join(pupil["weak_points"]),
        ]
        for pupil in found["items"][:MOST_PUPILS]
    ]
    more = len(found["items"]) - len(rows)
    return {
        "heading": text["headings"]["pupils"],
        "columns": text["pupil_columns"],
        "rows": rows,
        "more": text["few_listed"].replace("{count}", str(more)) if more else None,
    }
