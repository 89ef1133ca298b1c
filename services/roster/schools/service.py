"""Taking in schools."""

from __future__ import annotations

from collections.abc import Sequence

from services.roster.intake.collection import Checked, Collection, Intake, Record
from services.roster.intake.pace import paced
from services.roster.intake.rows import Row, RowFault
from services.roster.intake.sources import settle_sources
from services.roster.intake.upsert import Upsert
from services.roster.schools.repository import known_schools, move_below
from services.roster.schools.rules import province_agrees
from services.roster.schools.schemas import SchoolRow
from services.roster.tables import METADATA
from shared.terms.organization import school_path
from shared.terms.regions import Region, county_of

UPSERT = Upsert(
    METADATA.tables["schools"],
    compared=(
        "name",
        "name_en",
        "county_code",
        "school_type",
        "urban_rural",
        "ownership",
        "stages",
        "closed_on",
        "attributes",
        "source_system",
        "source_id",
        "org_path",
    ),
)


async def check_schools(intake: Intake, rows: Sequence[Row[SchoolRow]]) -> Checked:
    """Schools whose county is one of the actor's and of the province in their code."""
    records, faults = [], []
    async for row in paced(rows):
        region = county_of(row.model.county_code, include_test=intake.knows_test_regions)
        fault = _fault(intake, row, region)
        if fault is not None or region is None:
            faults += [fault] if fault else []
            continue
        path = school_path(region.code, row.model.school_code)
        records.append(Record(row.number, {**row.model.model_dump(), "county_code": region.code, "org_path": path}))
    settled = await settle_sources(intake, UPSERT, records)
    faults += settled.faults
    for record in records:
        place = settled.paths.get(UPSERT.key_of(record.values))
        if place is not None and not intake.actor.covers(place):
            code = record.values["school_code"]
            faults.append(RowFault(record.number, "school_code", "roster.school_elsewhere", value=code))
    return Checked(records, faults)


def _fault(intake: Intake, row: Row[SchoolRow], region: Region | None) -> RowFault | None:
    code, county = row.model.school_code, row.model.county_code
    if region is None or not intake.actor.covers(region.path):
        return RowFault(row.number, "county_code", "roster.county_unknown", value=county)
    if not province_agrees(code, region):
        params = {"expected": region.province}
        return RowFault(row.number, "school_code", "roster.school_code_province", value=code, params=params)
    return None


async def follow_moves(intake: Intake, records: Sequence[Record]) -> None:
    """Before a school changes its county, everything below it moves along."""
    known = await known_schools(intake.session, intake.actor, {record.values["school_code"] for record in records})
    for record in records:
        before = known.get(record.values["school_code"])
        if before is not None and before.org_path != record.values["org_path"]:
            await move_below(intake.session, before.org_path, record.values["org_path"])


SCHOOLS = Collection(
    name="schools",
    row=SchoolRow,
    upsert=UPSERT,
    check=check_schools,
    shown_key=("school_code",),
    before=follow_moves,
)
