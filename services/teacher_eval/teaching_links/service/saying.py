"""What teachers say of their links, and what the school decides."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.staff_register.repository import staff_by_keys
from services.teacher_eval.teaching_links import repository
from services.teacher_eval.teaching_links.rules import (
    LINK_LIFE,
    LinkState,
    SchoolState,
    require_in_time,
    require_year,
)
from services.teacher_eval.teaching_links.schemas import ClaimIn, DecideIn, DisputeIn, Extent
from services.teacher_eval.teaching_links.tables import SchoolLinks, TeachingLink, TeachingLinkStep
from shared.kernel import clock
from shared.kernel.ids import new_id
from shared.kernel.records import keep
from shared.kernel.web.organizations import path_of
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


async def confirm(session: AsyncSession, *, link: TeachingLink, everywhere: Actor, actor: Actor) -> TeachingLink:
    """The teacher says that it is so; said twice it is said once.

    Raises:
        DomainError: ``teaching_link.late``, ``workflow.not_allowed``; ``teaching_link.own_claim`` for what only they claim.
    """
    await _own_turn(session, link, everywhere)
    if link.state == LinkState.CONFIRMED:
        return link
    if link.previewed is None:
        raise DomainError("teaching_link.own_claim")
    link.state = LINK_LIFE.target("confirm", LinkState(link.state))
    link.claimed = None
    await _kept(session, link, "confirmed", {}, None, actor)
    return link


async def dispute(
    session: AsyncSession, *, link: TeachingLink, body: DisputeIn, everywhere: Actor, actor: Actor
) -> TeachingLink:
    """The teacher says what it is instead.

    Raises:
        DomainError: ``teaching_link.late``, ``teaching_link.dates``, ``workflow.not_allowed``.
    """
    school = await _own_turn(session, link, everywhere)
    window = await repository.window_by_id(session, everywhere, school.window_id)
    require_year(window.school_year, body.starts_on, body.ends_on)
    link.state = LINK_LIFE.target("dispute", LinkState(link.state))
    link.claimed = _extent(body)
    await _kept(session, link, "disputed", link.claimed, body.reason, actor)
    return link


async def claim(session: AsyncSession, *, body: ClaimIn, person: str, everywhere: Actor, actor: Actor) -> TeachingLink:
    """The teacher says that a link is missing; it counts for nothing until the school decides.

    Raises:
        DomainError: ``resource.not_found`` for a school whose links are not verified; ``teaching_link.late``,
            ``teaching_link.dates``, ``teaching_link.known``.
    """
    path = path_of(body.school)
    school = await repository.school_of_year_for_update(session, everywhere, path, body.school_year)
    known = await staff_by_keys(session, everywhere, {person})
    if school is None or person not in known:
        raise DomainError("resource.not_found", params={"what": f"links of {body.school} {body.school_year}"})
    if school.state != SchoolState.PREVIEWED:
        raise DomainError("teaching_link.late")
    require_in_time(school.due_at, clock.now())
    require_year(body.school_year, body.starts_on, body.ends_on)
    same = [
        link
        for link in await repository.all_links(session, everywhere, school)
        if (link.staff_key, link.class_code, link.subject) == (person, body.class_code, body.subject)
    ]
    if same:
        raise DomainError("teaching_link.known")
    link = TeachingLink(
        id=new_id(),
        school_links_id=school.id,
        org_path=school.org_path,
        staff_key=person,
        class_code=body.class_code,
        grade_level=body.grade_level,
        subject=body.subject,
        state=LinkState.DISPUTED,
        previewed=None,
        claimed=_extent(body),
        share=Decimal(0),
        starts_on=body.starts_on,
        ends_on=body.ends_on,
        is_silent=False,
        version=0,
    )
    await _kept(session, link, "claimed", link.claimed or {}, body.reason, actor)
    return link


async def decide(session: AsyncSession, *, link: TeachingLink, body: DecideIn, actor: Actor) -> TeachingLink:
    """The school decides what stands; nobody decides about a link of their own.

    Raises:
        DomainError: ``teaching_link.not_deciding``, ``teaching_link.own_link``, ``teaching_link.dates``,
            ``workflow.not_allowed``.
    """
    school = await repository.school_by_id_for_update(session, actor, link.school_links_id)
    if school.state != SchoolState.DECIDING:
        raise DomainError("teaching_link.not_deciding", params={"state": school.state})
    if actor.is_person(link.staff_key):
        raise DomainError("teaching_link.own_link")
    window = await repository.window_by_id(session, actor, school.window_id)
    require_year(window.school_year, body.starts_on, body.ends_on)
    link.state = LINK_LIFE.target("decide", LinkState(link.state))
    link.share, link.starts_on, link.ends_on = body.share, body.starts_on, body.ends_on
    await _kept(session, link, "decided", _extent(body), body.reason, actor)
    return link


async def fall_silent(session: AsyncSession, *, school: SchoolLinks, actor: Actor) -> int:
    """Links nobody has said anything of, when the time for it is over; returns how many."""
    silent = await repository.links_in_state(session, actor, school, LinkState.PREVIEWED)
    for link in silent:
        link.state = LINK_LIFE.target("fall_silent", LinkState(link.state))
        link.is_silent = True
        await _kept(session, link, "fell_silent", {}, None, actor)
    return len(silent)


async def _own_turn(session: AsyncSession, link: TeachingLink, everywhere: Actor) -> SchoolLinks:
    school = await repository.school_by_id_for_update(session, everywhere, link.school_links_id)
    if school.state != SchoolState.PREVIEWED:
        raise DomainError("teaching_link.late")
    require_in_time(school.due_at, clock.now())
    return school


def _extent(body: Extent) -> dict[str, Any]:
    return {
        "share": float(body.share),
        "starts_on": body.starts_on.isoformat(),
        "ends_on": body.ends_on.isoformat(),
    }


async def _kept(
    session: AsyncSession, link: TeachingLink, step: str, content: dict[str, Any], reason: str | None, actor: Actor
) -> None:
    await keep(
        session,
        link,
        resource="teaching_links",
        action=f"teaching_link.{step}",
        key={"teaching_link": str(link.id)},
        actor=actor,
    )
    session.add(
        TeachingLinkStep(
            link_id=link.id,
            org_path=link.org_path,
            step=step,
            content=content,
            reason=reason,
            taken_by=actor.subject,
            taken_at=clock.now(),
        )
    )
    await session.flush()
