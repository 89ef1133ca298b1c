"""A report of an archive as the data that it is typeset from: every text ready."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

import yaml

from services.student_eval.archive_reports.printing.template import ARCHIVE
from services.student_eval.archive_reports.schemas import DimensionTold, KindTold, RecordTold, ReportOut
from shared.policy.student_archives import archive_policy
from shared.scoring.rounding import half_away_from_zero


@cache
def words() -> dict[str, Any]:
    """The report's words."""
    found: dict[str, Any] = yaml.safe_load(ARCHIVE.words.read_text("utf-8"))
    return found


def printed_report(report: ReportOut) -> dict[str, Any]:
    """What the template takes."""
    text = words()
    kind = "whole" if report.is_whole else "term" if len(report.terms) == 1 else "year"
    sealed = report.sealed_sha256
    seal = f"{text['sealed']['zh']} {report.sealed_version} · {sealed}" if sealed else text["not_sealed"]["zh"]
    return {
        "title": text["titles"][kind],
        "name": report.name or report.student_key,
        "place": "　".join(each for each in (report.school_name, report.class_name) if each),
        "terms": "、".join(_term(term) for term in report.terms),
        "dimensions": [_dimension(dimension) for dimension in report.dimensions],
        "empty": text["empty"]["zh"],
        "texts": [
            {"title": text[name], "text": value}
            for name, value in (("statement", report.statement), ("comment", report.comment))
            if value
        ],
        "signatures": list(text["signatures"].values()),
        "chain": f"{text['chain']['zh']} {report.entries} · {report.head_sha256}",
        "seal": seal,
        "footer": text["footer"]["zh"],
    }


def _term(term: str) -> str:
    year, _, semester = term.rpartition("-")
    return f"{year} {words()['semesters'][semester]}"


def _dimension(dimension: DimensionTold) -> dict[str, Any]:
    return {"title": dimension.name, "kinds": [_kind(kind) for kind in dimension.kinds]}


def _kind(kind: KindTold) -> dict[str, Any]:
    text = words()
    figures = [f"{kind.count} {text['count']['zh']}"]
    if kind.minutes is not None:
        figures.append(f"{half_away_from_zero(Decimal(kind.minutes) / 60, 1)} {text['hours']['zh']}")
    return {
        "name": kind.name["zh"],
        "figures": "，".join(figures),
        "records": [_record(record) for record in kind.records],
    }


def _record(record: RecordTold) -> dict[str, str]:
    text, names = words(), archive_policy().field_names
    told = [f"{names[name]['zh']} {value}" for name, value in record.fields.items() if value is not None]
    mark = f"（{text['corrected']['zh']}）" if record.version > 1 else ""
    return {"text": record.text + mark if record.text else mark, "fields": "；".join(told)}
