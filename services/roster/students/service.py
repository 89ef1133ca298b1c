"""Taking in students, by pupil number."""

from __future__ import annotations

from collections.abc import Collection as Keys
from collections.abc import Sequence

from services.roster.intake.collection import Checked, Collection, Intake, Record
from services.roster.intake.lookup import whole_service
from services.roster.intake.pace import paced
from services.roster.intake.rows import Row, RowFault
from services.roster.intake.sources import settle_sources
from services.roster.intake.upsert import Upsert
from services.roster.schools.repository import KnownSchool, known_schools
from services.roster.students.repository import stays_of, take_over
from services.roster.students.rules import birth_date_in, is_held, number_fault
from services.roster.students.schemas import StudentRow
from services.roster.tables import METADATA
from shared.terms.identity_number import masked

NUMBER_PLACE = "students.student_number"
CLAIMED = "claimed"
UPSERT = Upsert(
    METADATA.tables["students"],
    compared=("name", "birth_date", "sex", "ethnicity", "school_code", "source_system", "source_id", "org_path"),
    carried=("student_number_sealed", "student_number_masked"),
)


async def check_students(intake: Intake, rows: Sequence[Row[StudentRow]]) -> Checked:
    """Students of the actor's schools whose number is sound and who are not held by a school of others."""
    schools = await known_schools(intake.session, intake.actor, {row.model.school_code for row in rows})
    records, faults = [], []
    async for row in paced(rows):
        school = schools.get(row.model.school_code)
        fault = _fault(row, school)
        if fault is not None or school is None:
            faults += [fault] if fault else []
            continue
        records.append(_record(intake, row, school))
    settled = await settle_sources(intake, UPSERT, records)
    faults += settled.faults
    foreign = {key[0] for key, path in settled.paths.items() if not intake.actor.covers(path)}
    held = await held_elsewhere(intake, foreign)
    for record in records:
        key = record.values["student_key"]
        record.extra[CLAIMED] = key in foreign
        if key in held:
            faults.append(RowFault(record.number, "student_number", "roster.student_elsewhere"))
    return Checked(records, faults)


async def held_elsewhere(intake: Intake, keys: Keys[str]) -> set[str]:
    """Pupils of other organizations that their school has not let go."""
    if not keys:
        return set()
    async with whole_service(intake.session, intake.actor):
        stays = await stays_of(intake.session, keys)
    return {key for key in keys if is_held(stays.get(key, ()))}


def _fault(row: Row[StudentRow], school: KnownSchool | None) -> RowFault | None:
    model = row.model
    if school is None:
        return RowFault(row.number, "school_code", "roster.school_unknown", value=model.school_code)
    found = number_fault(model.student_number, sex=model.sex, birth_date=model.birth_date)
    return RowFault(row.number, found[0], found[1]) if found else None


def _record(intake: Intake, row: Row[StudentRow], school: KnownSchool) -> Record:
    values = row.model.model_dump()
    number = values.pop("student_number")
    values |= {
        "student_key": intake.personal.pseudonym(number),
        "student_number_sealed": intake.personal.cipher.encrypt(number, place=NUMBER_PLACE),
        "student_number_masked": masked(number),
        "birth_date": birth_date_in(number),
        "org_path": school.org_path,
    }
    return Record(row.number, values)


async def claim(intake: Intake, records: Sequence[Record]) -> None:
    """Takes over pupils whom another school has let go, before their rows can be written in the actor's own scope."""
    paths = {record.values["student_key"]: record.values["org_path"] for record in records if record.extra.get(CLAIMED)}
    if paths:
        async with whole_service(intake.session, intake.actor):
            await take_over(intake.session, paths)


STUDENTS = Collection(
    name="students",
    row=StudentRow,
    upsert=UPSERT,
    check=check_students,
    shown_key=("student_key",),
    before=claim,
    sensitive=frozenset({"student_number", "name", "birth_date"}),
)
