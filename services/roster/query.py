"""Filters that several lists share."""

import datetime as dt
from typing import Annotated

from fastapi import Query

UpdatedSince = Annotated[dt.datetime | None, Query(alias="updated_at__gte", description="RFC 3339, 含时区")]
SchoolFilter = Annotated[str | None, Query(alias="school_code", max_length=10)]
YearFilter = Annotated[str | None, Query(alias="school_year", max_length=9)]
GradeFilter = Annotated[int | None, Query(alias="grade_level", ge=1, le=12)]
