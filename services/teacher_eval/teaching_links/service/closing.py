"""A school finishes, the county returns or closes: what stands is frozen with its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.teaching_links import repository
from services.teacher_eval.teaching_links.rules import (
    SCHOOL_LIFE,
    LinkState,
    Part,
    SchoolState,
    SilentLinks,
    given_out_twice,
    is_used,
)
from services.teacher_eval.teaching_links.service.saying import fall_silent
from services.teacher_eval.teaching_links.service.windows import keep_school, start_clock
from services.teacher_eval.teaching_links.tables import LinkWindow, SchoolLinks, TeachingLink, VerifiedLink
from shared.kernel import clock
from shared.kernel.context import Kernel
from shared.kernel.settings import ServiceSettings
from shared.kernel.sweep import KernelSweep
from shared.kits.platform import platform_actor
from shared.terms.actor import Actor
from shared.terms.errors import DomainError, Fault


async def begin_deciding(
    session: AsyncSession, *, school: SchoolLinks, window: LinkWindow, settings: ServiceSettings, actor: Actor
) -> SchoolLinks:
    """Teachers' time is over, or all of them have spoken: silent links are counted, and the school decides.

    Raises:
        DomainError: ``workflow.not_allowed``; ``teaching_link.still_open`` while some may still speak.
    """
    state = SCHOOL_LIFE.target("decide", SchoolState(school.state))
    waiting = await repository.links_in_state(session, actor, school, LinkState.PREVIEWED)
    if waiting and clock.now() < school.due_at:
        raise DomainError(
            "teaching_link.still_open", params={"count": len(waiting), "ends_at": school.due_at.isoformat()}
        )
    silent = await fall_silent(session, school=school, actor=actor)
    school.state = state
    start_clock(school, window, "decide", settings)
    await keep_school(session, school, window, "deciding", actor, silent=silent)
    return school


async def finish(
    session: AsyncSession, *, school: SchoolLinks, window: LinkWindow, settings: ServiceSettings, actor: Actor
) -> SchoolLinks:
    """The school has decided everything that was disputed, and gives nothing out twice.

    Raises:
        DomainError: ``workflow.not_allowed``, ``teaching_link.undecided``; ``teaching_link.share_exceeded`` with each class
            and subject.
    """
    school_state = SCHOOL_LIFE.target("finish", SchoolState(school.state))
    links = await repository.all_links(session, actor, school)
    disputed = sum(link.state == LinkState.DISPUTED for link in links)
    if disputed:
        raise DomainError("teaching_link.undecided", params={"count": disputed})
    _require_whole(links, window)
    school.state = school_state
    start_clock(school, window, "close", settings)
    await keep_school(session, school, window, "decided", actor, links=len(links))
    return school


async def send_back(
    session: AsyncSession,
    *,
    school: SchoolLinks,
    window: LinkWindow,
    reason: str,
    settings: ServiceSettings,
    actor: Actor,
) -> SchoolLinks:
    """The office above has the school decide again; raises ``workflow.not_allowed``."""
    school.state = SCHOOL_LIFE.target("return", SchoolState(school.state))
    start_clock(school, window, "decide", settings)
    await keep_school(session, school, window, "returned", actor, reason=reason)
    return school


async def close(session: AsyncSession, *, school: SchoolLinks, window: LinkWindow, actor: Actor) -> SchoolLinks:
    """Freezes what stands; raises ``workflow.not_allowed``."""
    state = SCHOOL_LIFE.target("close", SchoolState(school.state))
    links = _used(await repository.all_links(session, actor, school), window)
    school.links_sha256 = _sha256(window.school_year, school.school_code, links)
    school.state, school.closed_at = state, clock.now()
    session.add_all(_frozen(link, school, window.school_year) for link in links)
    silent = sum(link.is_silent for link in links)
    detail = {"links": len(links), "silent": silent, "sha256": school.links_sha256}
    await keep_school(session, school, window, "closed", actor, **detail)
    return school


def _used(links: Sequence[TeachingLink], window: LinkWindow) -> list[TeachingLink]:
    silent = SilentLinks(window.silent_links)
    return [link for link in links if is_used(LinkState(link.state), link.share, silent)]


def _require_whole(links: Sequence[TeachingLink], window: LinkWindow) -> None:
    parts = [
        Part(link.class_code, link.subject, link.starts_on, link.ends_on, link.share) for link in _used(links, window)
    ]
    twice = given_out_twice(parts)
    if twice:
        faults = [
            Fault("teaching_link.class_share_exceeded", value=class_code, params={"subject": subject})
            for class_code, subject in twice
        ]
        raise DomainError("teaching_link.share_exceeded", params={"count": len(twice)}, faults=faults)


def _sha256(school_year: str, school_code: str, links: Sequence[TeachingLink]) -> str:
    """Over canonical JSON of everything that is frozen, by class, subject and person."""
    content: dict[str, Any] = {
        "school_year": school_year,
        "school_code": school_code,
        "links": [
            [
                link.class_code,
                link.subject,
                link.staff_key,
                f"{link.share:.4f}",
                link.starts_on.isoformat(),
                link.ends_on.isoformat(),
                link.is_silent,
            ]
            for link in links
        ],
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _frozen(link: TeachingLink, school: SchoolLinks, school_year: str) -> VerifiedLink:
    names = ("class_code", "grade_level", "subject", "staff_key", "share", "starts_on", "ends_on", "is_silent")
    return VerifiedLink(
        link_id=link.id,
        school_links_id=school.id,
        school_year=school_year,
        school_code=school.school_code,
        org_path=school.org_path,
        **{name: getattr(link, name) for name in names},
    )


async def _hand_over(kernel: Kernel) -> int:
    """Schools whose teachers' time is over begin to decide."""
    actor = platform_actor(kernel.service)
    async with kernel.database.transaction("") as session:
        over = await repository.schools_over(session, actor, clock.now())
        for school in over:
            window = await repository.window_by_id(session, actor, school.window_id)
            await begin_deciding(session, school=school, window=window, settings=kernel.settings, actor=actor)
    return len(over)


LINKS_SWEEP = KernelSweep("teaching_links_over", _hand_over)
