"""A growth record as the data that it is typeset from: every text ready, figures rounded once."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from services.teacher_eval.growth.printing.template import GROWTH_RECORD
from services.teacher_eval.growth.schemas import EntryOut, FigureOut, GrowthOut, PointOut, SectionOut, SeriesOut
from shared.scoring.printed_figures import drawn
from shared.scoring.rounding import half_away_from_zero


@cache
def words() -> dict[str, Any]:
    """The record's words."""
    found: dict[str, Any] = yaml.safe_load(GROWTH_RECORD.words.read_text("utf-8"))
    return found


def printed_record(record: GrowthOut) -> dict[str, Any]:
    """What the template takes."""
    text = words()
    return {
        "title": text["title"],
        "name": record.name,
        "school": record.school_name_zh,
        "read_on": f"{text['read_on']['zh']} {record.read_on.isoformat()}",
        "empty": None if record.sections else text["empty"],
        "columns": list(text["columns"].values()),
        "legend": text["legend"],
        "sections": [_section(section) for section in record.sections],
        "footer": text["footer"]["zh"],
    }


def _section(section: SectionOut) -> dict[str, Any]:
    return {
        "title": section.name.model_dump(),
        "entries": [_entry(entry) for entry in section.entries],
        "series": [_series(series) for series in section.series],
    }


def _entry(entry: EntryOut) -> dict[str, Any]:
    return {
        "on": entry.on.isoformat(),
        "name": entry.name.zh,
        "state": entry.state.zh if entry.state else "",
        "text": entry.text or "",
        "document": entry.document or "",
        "figures": "；".join(_figure(figure) for figure in entry.figures),
        "points": [point.zh for point in entry.points],
    }


def _figure(figure: FigureOut) -> str:
    unit = figure.unit.zh if figure.unit else ""
    told = f"{figure.name.zh} {_number(figure.value)}{unit}"
    if figure.ci is None:
        return told
    return f"{told}（{words()['interval']['zh']} {_number(figure.ci[0])} 至 {_number(figure.ci[1])}）"


def _number(value: float | None) -> str:
    if value is None:
        return str(words()["none"]["zh"])
    rounded = half_away_from_zero(value, 2)
    return f"{rounded.normalize():f}"


def _series(series: SeriesOut) -> dict[str, Any]:
    values = [point.value for point in series.points if point.value is not None]
    values += [point.band.high for point in series.points if point.band]
    most = series.most or max(values, default=0) or 1
    return {"name": series.name.zh, "rows": [_point(point, most) for point in series.points]}


def _point(point: PointOut, most: float) -> dict[str, Any]:
    band = point.band
    return {
        "period": point.period,
        "value": _share(point.value, most),
        "text": _number(point.value),
        "band": [_share(value, most) for value in (band.low, band.middle, band.high)] if band else None,
    }


def _share(value: float | None, most: float) -> float | None:
    """Where a value lies on its axis, in percent."""
    return None if value is None else drawn(min(max(100 * value / most, 0), 100))
