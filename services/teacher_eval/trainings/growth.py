"""Trainings in a growth record."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from services.teacher_eval.growth.sections import Entry, Figure, Point, Reading, Section, Series
from services.teacher_eval.trainings.repository import records_of_people
from services.teacher_eval.trainings.rules import counted
from services.teacher_eval.trainings.service.records import hours_records

HOURS = {"zh": "学时", "en": "hours"}
_LEVELS = {
    "national": {"zh": "国培", "en": "national"},
    "provincial": {"zh": "省培", "en": "provincial"},
    "city": {"zh": "市培", "en": "city"},
    "county": {"zh": "县培", "en": "county"},
    "school": {"zh": "校本", "en": "school"},
}


async def trainings_section(reading: Reading) -> Section | None:
    """Every training that counts, and hours by year."""
    rows = await records_of_people(reading.session, reading.everywhere, {reading.staff_key})
    repeats = counted(hours_records(rows))
    rows = [row for row in rows if repeats[str(row.id)] is None]
    if not rows:
        return None
    years: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        years[str(row.completed_on.year)] += row.hours
    entries = [
        Entry(
            on=row.completed_on,
            name={"zh": row.title, "en": row.title},
            state=_LEVELS[row.level],
            figures=[Figure(name=HOURS, value=float(row.hours))],
        )
        for row in rows
    ]
    points = [Point(period=year, value=float(hours)) for year, hours in sorted(years.items())]
    series = [Series(code="training_hours", name={"zh": "年度学时", "en": "Hours by year"}, most=None, points=points)]
    return Section(code="trainings", name={"zh": "培训", "en": "Trainings"}, entries=entries, series=series)
