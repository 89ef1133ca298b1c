"""What list endpoints share: a misspelt filter is refused, not ignored into a longer list than was asked for."""

import datetime as dt
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.dependencies.models import Dependant

from shared.terms.errors import DomainError, Fault


async def _known_parameters(request: Request) -> None:
    known = _names(request.scope["route"].dependant)
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        allowed = ", ".join(sorted(known))
        faults = [Fault("field.unknown", pointer=f"query:{name}", allowed=allowed) for name in unknown]
        raise DomainError("request.invalid", faults=faults)


def _names(dependant: Dependant) -> set[str]:
    own = {field.alias for field in dependant.query_params}
    return own.union(*(_names(inner) for inner in dependant.dependencies))


#: Dependency of every router of this service.
known_parameters = Depends(_known_parameters)

UpdatedSince = Annotated[dt.datetime | None, Query(alias="updated_at__gte", description="RFC 3339, 含时区")]
SchoolFilter = Annotated[str | None, Query(alias="school_code", max_length=10)]
YearFilter = Annotated[str | None, Query(alias="school_year", max_length=9)]
GradeFilter = Annotated[int | None, Query(alias="grade_level", ge=1, le=12)]
