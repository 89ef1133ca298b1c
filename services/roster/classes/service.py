"""Taking in classes."""

from __future__ import annotations

from collections.abc import Sequence

from services.roster.classes.rules import class_path
from services.roster.classes.schemas import ClassRow
from services.roster.intake.collection import Checked, Collection, Intake, Record
from services.roster.intake.pace import paced
from services.roster.intake.rows import Row, RowFault
from services.roster.intake.sources import settle_sources
from services.roster.intake.upsert import Upsert
from services.roster.schools.repository import KnownSchool, known_schools
from services.roster.schools.rules import teaches
from services.roster.tables import METADATA

UPSERT = Upsert(
    METADATA.tables["classes"],
    compared=("name", "grade_level", "class_type", "source_system", "source_id", "org_path"),
)


async def check_classes(intake: Intake, rows: Sequence[Row[ClassRow]]) -> Checked:
    """Classes of the actor's schools in a grade that the school teaches."""
    schools = await known_schools(intake.session, intake.actor, {row.model.school_code for row in rows})
    records, faults = [], []
    async for row in paced(rows):
        school = schools.get(row.model.school_code)
        fault = _fault(row, school)
        if fault is not None or school is None:
            faults += [fault] if fault else []
            continue
        path = class_path(school.org_path, row.model.class_code)
        records.append(Record(row.number, {**row.model.model_dump(), "org_path": path}))
    faults += (await settle_sources(intake, UPSERT, records)).faults
    return Checked(records, faults)


def _fault(row: Row[ClassRow], school: KnownSchool | None) -> RowFault | None:
    model = row.model
    if school is None:
        return RowFault(row.number, "school_code", "roster.school_unknown", value=model.school_code)
    if not teaches(school.stages, model.grade_level):
        grade = str(model.grade_level)
        return RowFault(row.number, "grade_level", "roster.grade_not_taught", value=grade)
    return None


CLASSES = Collection(
    name="classes",
    row=ClassRow,
    upsert=UPSERT,
    check=check_classes,
    shown_key=("school_code", "school_year", "class_code"),
)
