"""Certified records in a growth record."""

from __future__ import annotations

from services.teacher_eval.growth.sections import Entry, Figure, Reading, Section
from services.teacher_eval.record_kinds.service import built_in
from services.teacher_eval.teacher_records.repository import records_of_person
from services.teacher_eval.teacher_records.rules import RecordState
from services.teacher_eval.teacher_records.tables import TeacherRecord


async def records_section(reading: Reading) -> Section | None:
    """Every certified record of the person."""
    r = TeacherRecord
    statement = records_of_person(reading.everywhere, reading.staff_key).where(r.state == RecordState.CERTIFIED)
    rows = (await reading.session.scalars(statement.order_by(r.happened_on, r.id))).all()
    if not rows:
        return None
    kinds = built_in().catalog.kinds
    entries = []
    for row in rows:
        name = kinds[row.kind].name if row.kind in kinds else None
        told = {"zh": name.zh, "en": name.en} if name is not None else {"zh": row.kind, "en": row.kind}
        figures = [] if row.amount is None else [Figure(name={"zh": "数量", "en": "amount"}, value=float(row.amount))]
        entries.append(Entry(on=row.happened_on, name=told, text=row.title, figures=figures))
    return Section(code="records", name={"zh": "认证业绩", "en": "Certified records"}, entries=entries)
