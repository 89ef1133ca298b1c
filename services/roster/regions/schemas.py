"""Regions as readers get them."""

from pydantic import BaseModel

from shared.terms.organization import OrgLevel


class RegionOut(BaseModel):
    """A city or an education area of county level; ``historic_codes`` are former codes still accepted in uploads."""

    code: str
    level: OrgLevel
    name: dict[str, str]
    parent: str | None
    org_path: str
    internal: bool
    verified: bool
    test: bool
    historic_codes: list[str]
