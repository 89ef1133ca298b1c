"""Who is enrolled at a school, asked of the roster before the transaction of a request opens."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Annotated

import polars as pl
from fastapi import Depends, Path, Request

from services.student_eval.fitness.permissions import Writer
from shared.contracts.roster import Roster, RosterClient
from shared.kernel.context import kernel_of
from shared.kernel.settings import ServiceSettings
from shared.kernel.web.fields import SchoolYear
from shared.kernel.web.organizations import OrgCode
from shared.terms.errors import DomainError

OpenRoster = Callable[[ServiceSettings], AbstractAsyncContextManager[Roster]]


def roster_opener() -> OpenRoster:
    """How the roster is reached."""
    return RosterClient.of


async def enrolled_at(
    school_year: Annotated[SchoolYear, Path()],
    org: OrgCode,
    request: Request,
    actor: Writer,
    open_roster: Annotated[OpenRoster, Depends(roster_opener)],
) -> pl.DataFrame:
    """``student_key, class_code, grade_level`` of a school's pupils in a year.

    Raises:
        DomainError: ``fitness.schools_only``; ``server.unavailable`` while the roster cannot be reached.
    """
    del actor  # the token is looked at before the roster is asked
    _, _, school = org.partition("-")
    if not school:
        raise DomainError("fitness.schools_only", params={"organization": org})
    async with open_roster(kernel_of(request).settings) as roster:
        pupils = await roster.export_enrollments(school_year=school_year, school_codes=[school], status="enrolled")
    return pupils.select("student_key", "class_code", "grade_level")


Enrolled = Annotated[pl.DataFrame, Depends(enrolled_at)]
