"""Organizations in addresses: a city ``5205``, a county ``520502``, a school with its county ``520502-2152000001``."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from shared.terms.organization import county_path, org_path, path_segments, school_path

#: How an organization is written in an address.
OrgCode = Annotated[
    str,
    Path(
        pattern=r"^[0-9]{4}([0-9A-Z]{2}(-[0-9A-Za-z]{6,12})?)?$",
        description="市4位、县6位代码（功能区含字母），学校为县代码-学校代码 / city, county, or county-school",
        examples=["520502-2152000001"],
    ),
]


def path_of(code: str) -> str:
    """Organization path of a code in an address; who may go there is decided by the row that is looked for."""
    county, _, school = code.partition("-")
    if school:
        return school_path(county, school)
    return county_path(county) if len(county) == 6 else org_path(county[:2], county)


def code_of(path: str) -> str:
    """How a path is written in addresses."""
    segments = path_segments(path)
    return "-".join(segments[2:4]) if len(segments) > 2 else segments[-1]
