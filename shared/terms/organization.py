"""Where a row belongs: the organization path.

A path is text of segments each ending in ``/``: province, city, county, school, class, e.g.
``52/5205/520502/2152000001/``. Paths sort bytewise (collation "C" in PostgreSQL), so everything below an
organization is one range ``[path, path_end)``.
"""

from __future__ import annotations

import re
from enum import StrEnum

_SEGMENT = re.compile(r"^[0-9A-Za-z][0-9A-Za-z_.-]{0,39}$")


class OrgLevel(StrEnum):
    """Levels of administration, from the outside in."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    SCHOOL = "school"
    CLASS = "class"


_LEVELS = tuple(OrgLevel)


def org_path(*segments: str) -> str:
    """Joins segments into a path; raises ``ValueError`` on a segment that could escape its place."""
    for segment in segments:
        if not _SEGMENT.match(segment):
            raise ValueError(f"not an organization code: {segment!r}")
    return "".join(f"{segment}/" for segment in segments)


def county_path(county_code: str) -> str:
    """Path of a county from its six-character code: province and city are its prefixes."""
    return org_path(county_code[:2], county_code[:4], county_code)


def school_path(county_code: str, school_code: str) -> str:
    """Path of a school inside its county."""
    return county_path(county_code) + org_path(school_code)


def path_segments(path: str) -> tuple[str, ...]:
    """Segments of a path, outermost first."""
    return tuple(path.split("/")[:-1])


def path_level(path: str) -> OrgLevel:
    """Level of the organization that a path names; the empty path is above every level and refused."""
    depth = len(path_segments(path))
    if not 1 <= depth <= len(_LEVELS):
        raise ValueError(f"not an organization path: {path!r}")
    return _LEVELS[depth - 1]


def path_end(path: str) -> str:
    """Smallest text above every path below ``path``: ``/`` is followed by ``0`` in ASCII."""
    return path[:-1] + "0" if path else "~"


def is_within(path: str, ancestor: str) -> bool:
    """Whether ``path`` is ``ancestor`` itself or lies below it."""
    return path.startswith(ancestor)
