"""What comes of a draft run over past campaigns."""

import datetime as dt
from typing import Any

from pydantic import BaseModel, Field

from shared.kernel.web.fields import OwnCode, Strict


class BackcastIn(Strict):
    """Past campaigns that a draft is run over."""

    campaigns: list[OwnCode] = Field(min_length=1, max_length=5)
    as_of: dt.date | None = None


class BackcastOut(BaseModel):
    """What a draft would have changed: by campaign, by pairs of grades, and the schools whose grade would be another."""

    summary: list[dict[str, Any]]
    grades: list[dict[str, Any]]
    moved: list[dict[str, Any]]
    drivers: list[dict[str, Any]]
