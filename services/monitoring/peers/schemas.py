"""A school among its unnamed peers, as callers read it."""

from typing import Any

from pydantic import BaseModel

from services.monitoring.results.schemas import StatisticOut


class PeerPosition(BaseModel):
    """One comparison: the school's own figure, the group, and how many schools lie in each band."""

    attribute: str
    grouping: str
    group_value: str | None
    metric: str
    subject: str | None
    model: str | None
    own: StatisticOut
    group_schools: int
    group_mean: float | None
    group_sd: float | None
    band: str | None
    schools_in_band: dict[str, int] | None
    reason: str | None


class PeersOut(BaseModel):
    """All comparisons of one school in one exam; bands in standard deviations of the group."""

    exam: str
    version: str
    school_code: str
    bands: list[dict[str, Any]]
    items: list[PeerPosition]
