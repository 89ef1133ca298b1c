"""Who teaches a class, asked of the roster before the transaction of a request opens."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import polars as pl
from fastapi import Depends, Path, Request

from services.student_eval.enrolled import OpenRoster, roster_opener
from shared.kernel.context import kernel_of
from shared.kernel.web.fields import SchoolYear
from shared.kernel.web.organizations import OrgCode
from shared.kernel.web.permissions import RequiredPermission
from shared.terms.actor import Actor

_POSTS = ("homeroom_teacher", "deputy_homeroom_teacher")


def teaching_at(required: RequiredPermission) -> Callable[..., Awaitable[pl.DataFrame]]:
    """Dependency: posts and lessons of a school in a year, as the roster knows them.

    Args:
        required: the route's permission: the roster is asked for nobody who lacks it.
    """

    async def teaching(
        school_year: Annotated[SchoolYear, Path()],
        org: OrgCode,
        request: Request,
        actor: Annotated[Actor, Depends(required)],
        open_roster: Annotated[OpenRoster, Depends(roster_opener)],
    ) -> pl.DataFrame:
        del actor
        _, _, school = org.partition("-")
        async with open_roster(kernel_of(request).settings) as roster:
            return await roster.export_teaching_assignments(
                school_year=school_year, school_code=school or None, status="assigned"
            )

    return teaching


def class_teachers(teaching: pl.DataFrame, class_code: str) -> list[str]:
    """Staff keys of a class's teacher and deputy, those first who hold the post."""
    posts = teaching.filter(pl.col("class_code") == class_code, pl.col("kind").is_in(_POSTS))
    ordered = posts.with_columns(pl.col("kind") == _POSTS[1]).sort("kind", "staff_key")
    return ordered["staff_key"].unique(maintain_order=True).to_list()
