"""How old a pupil is, asked of the roster before the transaction of a request opens; a day of birth is kept nowhere here."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Path, Request

from services.student_eval.enrolled import OpenRoster, roster_opener
from shared.kernel import clock
from shared.kernel.context import kernel_of
from shared.kernel.web.organizations import OrgCode
from shared.kernel.web.permissions import RequiredPermission
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

StudentKey = Annotated[str, Path(pattern=r"^[a-z2-7]{26}$")]
Age = Callable[..., Awaitable[int | None]]


def age_of_student(required: RequiredPermission) -> Age:
    """Dependency: whole years of the pupil of an address, ``None`` where the roster does not know.

    Args:
        required: the route's permission: the roster is asked for nobody who lacks it.
    """

    async def age(
        student_key: StudentKey,
        request: Request,
        actor: Annotated[Actor, Depends(required)],
        open_roster: Annotated[OpenRoster, Depends(roster_opener)],
    ) -> int | None:
        del actor
        return await age_of(request, open_roster, student_key)

    return age


def ages_at(required: RequiredPermission) -> Callable[..., Awaitable[dict[str, int]]]:
    """Dependency: whole years of a school's pupils, of those whose day of birth the roster knows."""

    async def ages(
        org: OrgCode,
        request: Request,
        actor: Annotated[Actor, Depends(required)],
        open_roster: Annotated[OpenRoster, Depends(roster_opener)],
    ) -> dict[str, int]:
        del actor
        _, _, school = org.partition("-")
        if not school:
            raise DomainError("students.schools_only", params={"organization": org})
        async with open_roster(kernel_of(request).settings) as roster:
            frame = await roster.ages(school_code=school, day=clock.today())
        return dict(frame.drop_nulls().iter_rows())

    return ages


def age_of_actor(required: RequiredPermission) -> Age:
    """Dependency: whole years of the person who asks; ``None`` for an account that stands for nobody."""

    async def age(
        request: Request,
        actor: Annotated[Actor, Depends(required)],
        open_roster: Annotated[OpenRoster, Depends(roster_opener)],
    ) -> int | None:
        return None if actor.person is None else await age_of(request, open_roster, actor.person)

    return age


async def age_of(request: Request, open_roster: OpenRoster, student_key: str) -> int | None:
    """Whole years of a pupil today, ``None`` where the roster does not know."""
    async with open_roster(kernel_of(request).settings) as roster:
        return await roster.age_of(student_key, clock.today())
