"""Windows: how links are verified, and the deadlines of a school's steps."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.teaching_links import repository
from services.teacher_eval.teaching_links.rules import CLOSE, CONFIRM, DECIDE, chosen_days
from services.teacher_eval.teaching_links.schemas import WindowIn
from services.teacher_eval.teaching_links.tables import LinkWindow, SchoolLinks
from shared.kernel import clock
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job
from shared.kernel.records import keep
from shared.kernel.settings import ServiceSettings
from shared.kernel.web.organizations import code_of
from shared.kits.calendar import calendar_for
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.workflow.clocks import window as clock_window

PREVIEW_JOB = "preview_teaching_links"


async def put_window(
    session: AsyncSession, *, school_year: str, body: WindowIn, row: LinkWindow | None, actor: Actor
) -> tuple[LinkWindow, bool]:
    """Writes a window; once a school is in it, what becomes of silent links no longer changes.

    Raises:
        DomainError: ``teaching_link.days``, ``teaching_link.window_in_use``.
    """
    is_new = row is None
    row = row or LinkWindow(org_path=actor.org, school_year=school_year)
    if not is_new and row.silent_links != body.silent_links and await repository.schools_previewed(session, actor, row):
        raise DomainError("teaching_link.window_in_use")
    row.silent_links = body.silent_links
    row.days = {
        "confirm": chosen_days(CONFIRM, body.confirm_days),
        "decide": chosen_days(DECIDE, body.decide_days),
        "close": chosen_days(CLOSE, body.close_days),
    }
    key = {"organization": code_of(row.org_path), "school_year": school_year}
    await keep(session, row, resource="link_windows", action="link_window.set", key=key, actor=actor)
    return row, is_new


async def ask_preview(session: AsyncSession, *, window: LinkWindow, actor: Actor) -> Job:
    """Asks for the links of the office's schools to be previewed from the roster; schools in it stay as they are."""
    args = {"window_id": str(window.id)}
    lock = f"links-{window.id}"
    return await enqueue(session, actor, PREVIEW_JOB, args=args, org_path=window.org_path, lock=lock)


def start_clock(row: SchoolLinks, window: LinkWindow, step: str, settings: ServiceSettings) -> None:
    """Gives a school's step its working days from now on."""
    at: dt.datetime = clock.now()
    opened = clock_window(
        at, working_days=window.days[step], calendar=calendar_for(settings, row.org_path), zone=clock.CHINA
    )
    row.due_at, row.unverified_years = opened.ends_at, list(opened.unverified_years)


async def keep_school(
    session: AsyncSession, row: SchoolLinks, window: LinkWindow, step: str, actor: Actor, **detail: object
) -> None:
    """Writes a school's row after a step."""
    key = {"organization": code_of(row.org_path), "school_year": window.school_year}
    await keep(
        session, row, resource="school_links", action=f"school_links.{step}", key=key, actor=actor, detail=detail
    )
