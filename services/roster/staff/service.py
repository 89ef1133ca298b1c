"""Taking in staff, by citizen number."""

from __future__ import annotations

from collections.abc import Sequence

from services.roster.intake.collection import Checked, Collection, Intake, Record
from services.roster.intake.lookup import whole_service
from services.roster.intake.pace import paced
from services.roster.intake.rows import Row, RowFault
from services.roster.intake.sources import settle_sources
from services.roster.intake.upsert import Upsert
from services.roster.schools.repository import KnownSchool, known_schools
from services.roster.staff.repository import active_among, take_over
from services.roster.staff.rules import number_fault
from services.roster.staff.schemas import StaffRow
from services.roster.tables import METADATA
from shared.terms.identity_number import masked

NUMBER_PLACE = "staff.citizen_number"
CLAIMED = "claimed"
UPSERT = Upsert(
    METADATA.tables["staff"],
    compared=(
        "name",
        "sex",
        "birth_year",
        "school_code",
        "status",
        "staffing_category",
        "post",
        "professional_title",
        "education_level",
        "source_system",
        "source_id",
        "org_path",
    ),
    carried=("citizen_number_sealed", "citizen_number_masked"),
)


async def check_staff(intake: Intake, rows: Sequence[Row[StaffRow]]) -> Checked:
    """Staff of the actor's schools who are not active at a school of others."""
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
    async with whole_service(intake.session, intake.actor):
        active = await active_among(intake.session, foreign)
    for record in records:
        key = record.values["staff_key"]
        record.extra[CLAIMED] = key in foreign
        if key in active:
            faults.append(RowFault(record.number, "citizen_number", "roster.staff_elsewhere"))
    return Checked(records, faults)


def _fault(row: Row[StaffRow], school: KnownSchool | None) -> RowFault | None:
    model = row.model
    if school is None:
        return RowFault(row.number, "school_code", "roster.school_unknown", value=model.school_code)
    found = number_fault(model.citizen_number, sex=model.sex)
    return RowFault(row.number, found[0], found[1]) if found else None


def _record(intake: Intake, row: Row[StaffRow], school: KnownSchool) -> Record:
    values = row.model.model_dump()
    number = values.pop("citizen_number")
    values |= {
        "staff_key": intake.personal.pseudonym(number),
        "citizen_number_sealed": intake.personal.cipher.encrypt(number, place=NUMBER_PLACE),
        "citizen_number_masked": masked(number),
        "birth_year": int(number[6:10]),
        "org_path": school.org_path,
    }
    return Record(row.number, values)


async def claim(intake: Intake, records: Sequence[Record]) -> None:
    """Takes over staff who have left another school, before their rows can be written in the actor's own scope."""
    paths = {record.values["staff_key"]: record.values["org_path"] for record in records if record.extra.get(CLAIMED)}
    if paths:
        async with whole_service(intake.session, intake.actor):
            await take_over(intake.session, paths)


STAFF = Collection(
    name="staff",
    row=StaffRow,
    upsert=UPSERT,
    check=check_staff,
    shown_key=("staff_key",),
    before=claim,
    sensitive=frozenset({"citizen_number", "name"}),
)
