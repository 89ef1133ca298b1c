"""A school of the roster as a unit of a scheme: attributes by which leaves are limited and schools compared."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from shared.contracts.roster import School

Attribute = str | list[str] | None


def unit_attributes(school: School) -> dict[str, Attribute]:
    """Attributes of a school; ``stages`` are several, ``stage_combination`` says them in one, for groups.

    An attribute of the roster that is named like one of ours does not replace it.
    """
    own: dict[str, Attribute] = {name: _text(value) for name, value in school.attributes.items()}
    return own | {
        "county_code": school.county_code,
        "school_type": school.school_type,
        "stages": list(school.stages),
        "stage_combination": "+".join(school.stages),
        "urban_rural": school.urban_rural,
        "ownership": school.ownership,
    }


def units_frame(schools: Sequence[School]) -> pl.DataFrame:
    """``unit_code`` and every attribute that some school has, by code; null where a school lacks one."""
    rows = [{"unit_code": school.school_code, **unit_attributes(school)} for school in schools]
    names = sorted({name for row in rows for name in row} - {"unit_code"})
    types = {name: pl.List(pl.String) if name == "stages" else pl.String() for name in names}
    return pl.DataFrame(rows, schema={"unit_code": pl.String(), **types}).sort("unit_code")


def _text(value: str | int | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
