"""A report as the template prints it: words and rounded figures, nothing that the template has to decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from services.monitoring.reports.printing.parts import aspects, items, options, pupils
from shared.scoring.printed_figures import drawn, interval, percent, printed, within
from shared.scoring.rounding import half_away_from_zero
from shared.terms.regions import county_of

_FILE = Path(__file__).with_name("words.yaml")
#: Groups of the level below that one page takes; more stand in the result tables.
MOST_MEMBERS = 40
_ASPECTS = ("knowledge_points", "competencies", "cognitive_levels", "question_types")
_QUANTILES = ("p10", "p25", "p50", "p75", "p90")
Document = Mapping[str, Any]
Words = Mapping[str, Any]


@cache
def words() -> Words:
    """The words of the printed report."""
    loaded: Words = yaml.safe_load(_FILE.read_text("utf-8"))
    return loaded


def printed_report(report: Document) -> dict[str, Any]:
    """What the template prints of a report."""
    text, exam, sections = words(), report["exam"], report["sections"]
    grade = text["grades"].get(exam["grade_level"], "")
    return {
        "title": text["title"],
        "subject": report["subject"]["name_zh"],
        "whom": _whom(report),
        "exam": f"{exam['name_zh']} · {exam['school_year']} 学年 · {grade} · {exam['held_on']}",
        "legend": text["legend"],
        "headings": {name: text["headings"][name] for name in ("overview", "distribution", "quantiles", "next")},
        "overview": _overview(report),
        "sections": [_section(report, section) for section in sections],
        "pupils": pupils(report["pupils"], text) if report["pupils"] else None,
        "notes": [_filled(note, report) for note in _notes(report)],
        "footer": f"{exam['code']} · {report['version']}",
    }


def _notes(report: Document) -> Sequence[str]:
    """The notes at the end; of estimates first what they are."""
    text, estimate = words(), report["sections"][0]["group"]["estimate"]
    if estimate is None:
        return list(text["notes"])
    method = str(estimate["variance_method"] or text["withheld_short"])
    return [note.replace("{variance_method}", method) for note in text["notes_of_estimates"]] + list(text["notes"])


def _filled(note: str, report: Document) -> str:
    values = {
        "exam": report["exam"]["code"],
        "version": report["version"],
        "published": report["published_at"][:10],
        "min_n": str(report["min_n"]),
    }
    for name, value in values.items():
        note = note.replace(f"{{{name}}}", value)
    return note


def _whom(report: Document) -> str:
    group = report["sections"][0]["group"]
    school = group["name_zh"] or group["school_code"]
    match group["level"]:
        case "class":
            return f"{school} · {'、'.join(section['group']['class_code'] for section in report['sections'])} 班"
        case "school":
            return str(school)
        case "county":
            return county_name(group["county_code"])
    return level_name(report, group["level"])


def level_name(report: Document, level: str) -> str:
    """What a group that holds others is called; the widest is the area of whoever holds the exam."""
    levels: Mapping[str, str] = words()["levels"]
    return levels[report["exam"]["area"]] if level == "city" else levels[level]


def _group_name(report: Document, group: Mapping[str, Any], *, is_own: bool) -> str:
    if group["level"] == "class":
        return f"{group['class_code']} 班"
    if is_own and group["level"] != "city":
        return str(words()["own"][group["level"]])
    return level_name(report, group["level"])


def _overview(report: Document) -> dict[str, Any]:
    text, first = words(), report["sections"][0]
    columns = text["columns"]
    rates = [_rate_name(rate["code"]) for rate in first["group"]["rates"]]
    own = [_row(report, section["group"], is_own=True) for section in report["sections"]]
    outer = [_row(report, group, is_own=False) for group in first["references"]]
    heading = dict(text["headings"]["overview"])
    if first["group"]["estimate"] is not None:
        heading["zh"] += text["estimate"]["heading"]
    return {
        "heading": heading,
        "columns": [columns[name] for name in ("group", "registered", "present", "mean", "interval", "sd")] + rates,
        "rows": own + outer,
        "own": len(own),
    }


def _rate_name(code: str) -> str:
    return str(words()["rates"].get(code, code))


def _of_mean(report: Document, group: Mapping[str, Any]) -> tuple[float, float] | None:
    full = report["subject"]["full_mark"]
    return within(group["mean"]["ci"], float(full) if full is not None else None)


def _row(report: Document, group: Mapping[str, Any], *, is_own: bool) -> list[str]:
    counts = group["participation"]
    mean = group["mean"]
    cells = [
        str(counts["n_registered"]) if counts["n_registered"] is not None else None,
        str(counts["n_sat"]) if counts["n_sat"] is not None else None,
        printed(mean["value"]),
        interval(_of_mean(report, group)),
        printed(group["sd"]["value"]),
        *(percent(rate["of_present"]["value"]) for rate in group["rates"]),
    ]
    return [_group_name(report, group, is_own=is_own), *(cell or words()["withheld_short"] for cell in cells)]


def _section(report: Document, section: Mapping[str, Any]) -> dict[str, Any]:
    text, group = words(), section["group"]
    reference = level_name(report, section["reference"]) if section["reference"] else None
    return {
        "name": _group_name(report, group, is_own=True) if len(report["sections"]) > 1 else None,
        "withheld": text["withheld"] if group["suppressed"] and group["mean"]["value"] is None else None,
        "facts": list(_facts(report, section, reference)),
        "differences": _differences(section, reference),
        "distribution": _distribution(section),
        "quantiles": _quantiles(report, section),
        "aspects": [aspects(section[name], text, name) for name in _ASPECTS if section[name]],
        "items": items(section["items"], text) if section["items"] else None,
        "options": options(section["options"], text),
        "members": _members(report, section),
        "links": [
            {"name": text_of_link(link), "items": [entry["zh"] for entry in link["items"]]}
            for link in section["suggestions"]
        ],
    }


def text_of_link(link: Mapping[str, Any]) -> str:
    """Name of a link of teaching."""
    return str(link["name_zh"])


def _facts(report: Document, section: Mapping[str, Any], reference: str | None) -> Iterator[dict[str, Any]]:
    text, group = words(), section["group"]
    facts = text["facts"]
    counts = group["participation"]
    if group["estimate"] is not None and group["estimate"]["n"] is not None:
        yield _sample_fact(group["estimate"])
    rate = percent(counts["participation_rate"]["value"])
    if rate is not None:
        yield {
            "label": facts["participation"]["zh"],
            "value": rate,
            "note": f"{counts['n_sat']} / {counts['n_registered']}",
        }
    if group["mean"]["value"] is not None:
        yield {
            "label": facts["mean"]["zh"],
            "value": printed(group["mean"]["value"]),
            "note": interval(_of_mean(report, group)),
        }
    against = _against(section)
    if against is not None and reference is not None and against["mean"]["gap"]["value"] is not None:
        gap, verdict = against["mean"]["gap"], against["mean"]["verdict"]
        yield {
            "label": facts["gap"]["zh"].replace("{reference}", reference),
            "value": printed(gap["value"], signed=True),
            "note": " ".join(filter(None, (interval(gap["ci"], signed=True), text["verdicts"].get(verdict)))),
        }
    for model in section["value_added"]:
        if model["label"] is not None:
            effect = model["effect"]
            note = " ".join(filter(None, (printed(effect["value"], signed=True), interval(effect["ci"], signed=True))))
            yield {
                "label": facts["value_added"]["zh"],
                "value": text["labels"].get(model["label"], model["label"]),
                "note": note,
            }
    for peer in section["peers"]:
        if peer["band"] is not None:
            label = facts["peers"]["zh"].replace("{attribute}", peer["name_zh"])
            yield {
                "label": label,
                "value": text["positions"][peer["band"]],
                "note": f"共 {peer['group_schools']} 所",
            }


def _sample_fact(estimate: Mapping[str, Any]) -> dict[str, Any]:
    text, population = words(), estimate["population"]
    pupils_of = text["withheld_short"] if population is None else str(half_away_from_zero(population, 0))
    stands_for = text["estimate"]["stands_for"].replace("{schools}", str(estimate["schools"]))
    return {
        "label": text["facts"]["sample"]["zh"],
        "value": text["estimate"]["examined"].replace("{n}", str(estimate["n"])),
        "note": stands_for.replace("{population}", pupils_of),
    }


def _against(section: Mapping[str, Any]) -> Mapping[str, Any] | None:
    gaps: Sequence[Mapping[str, Any]] = section["group"]["gaps"]
    return next((each for each in gaps if each["reference"] == section["reference"]), None)


def _differences(section: Mapping[str, Any], reference: str | None) -> dict[str, Any] | None:
    against, text = _against(section), words()
    if against is None or reference is None:
        return None
    shares = [(text["measures"]["participation"], against["participation"])]
    shares += [(_rate_name(rate["code"]), rate) for rate in against["rates"]]
    rows = [row for name, difference in shares if (row := difference_row(name, difference, scale=100))]
    heading = {**text["headings"]["differences"]}
    heading["zh"] = heading["zh"].replace("{reference}", reference) + f"（{text['percent_points']}）"
    return {"heading": heading, "rows": rows} if rows else None


def difference_row(name: str, difference: Mapping[str, Any], *, scale: float) -> dict[str, Any] | None:
    """A row of a chart of differences: the point, its interval, both in words too."""
    gap = difference["gap"]
    if gap["value"] is None or gap["ci"] is None:
        return None
    return {
        "label": name,
        "value": drawn(gap["value"], scale=scale),
        "low": drawn(gap["ci"][0], scale=scale),
        "high": drawn(gap["ci"][1], scale=scale),
        "beyond": difference["verdict"] in ("strength", "gap"),
        "text": f"{printed(gap['value'], scale=scale, signed=True)} {interval(gap['ci'], scale=scale, signed=True)}",
    }


def _distribution(section: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "label": f"{_mark(band['band_low'])}–{_mark(band['band_high'])}",
            "own": drawn(band["share"], scale=100),
            "text": printed(band["share"], scale=100),
            "reference": drawn(band["reference_share"], scale=100),
        }
        for band in reversed(section["distribution"])
    ]


def _mark(value: float) -> str:
    return f"{value:g}"


def _quantiles(report: Document, section: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Ten, twenty-five, fifty, seventy-five and ninety percent of group and references, where there are no bands."""
    if section["distribution"]:
        return []
    groups = [(section["group"], True), *((group, False) for group in section["references"])]
    return [
        {
            "label": _group_name(report, group, is_own=is_own),
            "marks": [drawn(group["quantiles"][name]["value"]) for name in _QUANTILES],
            "text": " · ".join(printed(group["quantiles"][name]["value"]) or "" for name in _QUANTILES),
        }
        for group, is_own in groups
        if group["quantiles"]["p50"]["value"] is not None
    ]


def _members(report: Document, section: Mapping[str, Any]) -> dict[str, Any] | None:
    members, text = section["members"], words()
    if not members:
        return None
    rows = [
        {
            "label": _member_name(group),
            "present": group["participation"]["n_sat"],
            "value": drawn(group["mean"]["value"]),
            "low": drawn(bounds[0]) if (bounds := _of_mean(report, group)) else None,
            "high": drawn(bounds[1]) if bounds else None,
            "beyond": any(gaps["mean"]["verdict"] in ("strength", "gap") for gaps in group["gaps"]),
            "text": _member_text(report, group),
        }
        for group in members[:MOST_MEMBERS]
    ]
    heading = {**text["headings"]["members"]}
    heading["zh"] = heading["zh"].replace("{members}", text["members"][members[0]["level"]])
    more = len(members) - len(rows)
    return {
        "heading": heading,
        "rows": rows,
        "reference": drawn(section["group"]["mean"]["value"]),
        "reference_label": _group_name(report, section["group"], is_own=True),
        "more": text["few_listed"].replace("{count}", str(more)) if more else None,
    }


def _member_name(group: Mapping[str, Any]) -> str:
    if group["level"] == "class":
        return f"{group['class_code']} 班"
    return str(group["name_zh"] or group["school_code"] or county_name(group["county_code"]))


def county_name(code: str) -> str:
    """Name of a county, or its code where it has none."""
    county = county_of(code, include_test=True)
    return county.name["zh"] if county is not None else code


def _member_text(report: Document, group: Mapping[str, Any]) -> str:
    text = words()
    if group["mean"]["value"] is None:
        return str(text["withheld"]) if group["suppressed"] else str(text["withheld_short"])
    return " ".join(filter(None, (printed(group["mean"]["value"]), interval(_of_mean(report, group)))))
