"""A member of staff as a unit of a scheme: attributes by which leaves are limited and people compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from services.teacher_eval.cycles.tables import Member, SchoolCycle
from shared.contracts.roster import School

UNIT = "unit_code"
#: Of the school.
SCHOOL_ATTRIBUTES = ("county_code", "school_type", "stages", "stage_combination", "urban_rural", "ownership")
#: Of the person.
OWN_ATTRIBUTES = ("track", "group", "post", "professional_title")


def school_attributes(school: School) -> dict[str, Any]:
    """What of a school its staff may be told apart by; ``stages`` are several, ``stage_combination`` says them in one."""
    return {
        "county_code": school.county_code,
        "school_type": school.school_type,
        "stages": list(school.stages),
        "stage_combination": "+".join(school.stages),
        "urban_rural": school.urban_rural,
        "ownership": school.ownership,
    }


def attributes_of(school: SchoolCycle, member: Member) -> dict[str, Any]:
    """Attributes of one person."""
    own = {name: getattr(member, name) for name in OWN_ATTRIBUTES}
    return {**school.attributes, "school_code": school.school_code, **own}


def units_frame(members: pl.DataFrame, schools: Mapping[str, Mapping[str, Any]]) -> pl.DataFrame:
    """``unit_code, school_code`` and every attribute, by school and key.

    Args:
        members: ``staff_key, school_code`` and the own attributes.
        schools: attributes of the schools by code.
    """
    schema = {name: pl.List(pl.String) if name == "stages" else pl.String() for name in SCHOOL_ATTRIBUTES}
    of_schools = pl.DataFrame(
        [{"school_code": code, **{name: values.get(name) for name in schema}} for code, values in schools.items()],
        schema={"school_code": pl.String(), **schema},
    )
    own = members.select(pl.col("staff_key").alias(UNIT), "school_code", *OWN_ATTRIBUTES)
    return own.join(of_schools, on="school_code", how="left").sort("school_code", UNIT)
