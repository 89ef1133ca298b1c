"""Reading the roster for the frame of a visit plan."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from services.school_eval.visit_plans.service.frame import CLOSE_FRAME_JOB, close_frame
from shared.contracts.roster import Roster, RosterClient
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind
from shared.kernel.settings import ServiceSettings

OpenRoster = Callable[[ServiceSettings], AbstractAsyncContextManager[Roster]]


def close_frame_job(open_roster: OpenRoster) -> JobKind:
    """The job that closes a plan's frame, reading the roster through ``open_roster``."""

    async def run(context: JobContext) -> None:
        await context.progress(0, 1, "roster")
        async with open_roster(context.kernel.settings) as roster:
            schools = await roster.schools()
        await close_frame(context, uuid.UUID(context.args["plan_id"]), schools)

    return JobKind(CLOSE_FRAME_JOB, run)


CLOSE_VISIT_FRAME = close_frame_job(RosterClient.of)
