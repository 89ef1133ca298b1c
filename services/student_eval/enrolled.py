"""Who is enrolled at a school, asked of the roster before the transaction of a request opens."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Annotated

import polars as pl
from fastapi import Depends, Path, Request

from shared.contracts.roster import Roster, RosterClient
from shared.kernel.context import kernel_of
from shared.kernel.settings import ServiceSettings
from shared.kernel.web.fields import SchoolYear
from shared.kernel.web.organizations import OrgCode, path_of
from shared.kernel.web.permissions import RequiredPermission
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

OpenRoster = Callable[[ServiceSettings], AbstractAsyncContextManager[Roster]]


def roster_opener() -> OpenRoster:
    """How the roster is reached."""
    return RosterClient.of


def enrolled_at(required: RequiredPermission, *, is_named: bool = False) -> Callable[..., Awaitable[pl.DataFrame]]:
    """Dependency: ``student_key, class_code, grade_level`` of a school's pupils in a year.

    Args:
        required: the route's permission: the roster is asked for nobody who lacks it.
        is_named: whether names are fetched too: ``name, class_name, school_name``.

    The dependency raises ``students.schools_only``, ``students.elsewhere`` before anything is asked for, and, where names
    are fetched, ``students.school_unknown``.
    """

    async def enrolled(
        school_year: Annotated[SchoolYear, Path()],
        org: OrgCode,
        request: Request,
        actor: Annotated[Actor, Depends(required)],
        open_roster: Annotated[OpenRoster, Depends(roster_opener)],
    ) -> pl.DataFrame:
        _, _, school = org.partition("-")
        if not school:
            raise DomainError("students.schools_only", params={"organization": org})
        if not actor.covers(path_of(org)):
            raise DomainError("students.elsewhere")
        async with open_roster(kernel_of(request).settings) as roster:
            names = {each.school_code: each.name for each in await roster.schools()} if is_named else {}
            if is_named and school not in names:
                raise DomainError("students.school_unknown", params={"school_code": school})
            found = await roster.export_enrollments(school_year=school_year, school_codes=[school], status="enrolled")
            pupils = found.select("student_key", "class_code", "grade_level")
            if not is_named:
                return pupils
            named = (await roster.export_students(school_code=school)).select("student_key", "name")
            classes = await roster.classes(school_year=school_year, school_code=school)
        class_names = {each.class_code: each.name for each in classes}
        return pupils.join(named, on="student_key", how="left", maintain_order="left").with_columns(
            pl.col("class_code").replace_strict(class_names, default=pl.col("class_code")).alias("class_name"),
            pl.lit(names[school]).alias("school_name"),
        )

    return enrolled


def members_of(enrolled: pl.DataFrame, class_code: str) -> list[dict[str, str]]:
    """``student_key, name`` of a class, as terms keep them."""
    own = enrolled.filter(pl.col("class_code") == class_code).sort("student_key")
    return own.select("student_key", pl.col("name").fill_null("")).to_dicts()
