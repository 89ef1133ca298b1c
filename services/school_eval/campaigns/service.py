"""Registering campaigns and moving them through their life."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.campaigns import repository
from services.school_eval.campaigns.gates import missing_before
from services.school_eval.campaigns.rules import (
    EDITABLE,
    LIFE,
    CampaignState,
    VerificationMode,
    drawn,
    end_of,
    require_nobody_missing,
    window_end,
)
from services.school_eval.campaigns.schemas import CampaignIn, DrawIn, ExtensionIn
from services.school_eval.campaigns.tables import Campaign
from services.school_eval.evaluations.repository import codes_with_counties, mark_drawn
from services.school_eval.evaluations.rules import is_computed
from services.school_eval.schemes.mounted import SCHEMES
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job
from shared.kits.schemes.repository import version_by_id, version_of
from shared.kits.schemes.service.reading import scheme_on
from shared.scoring.scheme.tree import SubjectOfScheme
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

OPEN_CAMPAIGN_JOB = "open_campaign"


async def put_campaign(
    session: AsyncSession, *, code: str, body: CampaignIn, row: Campaign | None, actor: Actor
) -> tuple[Campaign, bool]:
    """Registers a campaign, or changes a draft; the same body again changes nothing.

    Returns:
        The campaign, and whether it is new.

    Raises:
        DomainError: ``campaign.not_editable``; ``campaign.not_of_schools`` for a scheme that judges others.
    """
    definition = body.model_dump(mode="json")
    if row is not None and row.definition == definition:
        return row, False
    is_new = row is None
    if row is None:
        row = Campaign(code=code, org_path=actor.org, created_by=actor.subject, version=0, state=CampaignState.DRAFT)
    elif row.state not in EDITABLE:
        raise DomainError("campaign.not_editable", params={"state": row.state})
    version = await version_of(session, SCHEMES, actor, body.scheme, body.scheme_version)
    # A document without rules for that day is refused now, not when the schools wait.
    scheme = await scheme_on(version, body.as_of)
    if scheme.of is not SubjectOfScheme.SCHOOL:
        raise DomainError("campaign.not_of_schools", params={"scheme": body.scheme, "of": scheme.of})
    row.school_year, row.definition, row.as_of = body.school_year, definition, body.as_of
    row.scheme_version_id = version.id
    session.add(row)
    await keep_campaign(session, row, action="registered" if is_new else "changed", actor=actor)
    return row, is_new


async def ask_opening(session: AsyncSession, *, code: str, actor: Actor) -> Job:
    """Asks for a campaign to be opened: a job freezes its schools from the roster."""
    row = await repository.campaign_for_update(session, actor, code)
    LIFE.target("open", CampaignState(row.state))
    args = {"campaign_id": str(row.id), "campaign": row.code}
    return await enqueue(session, actor, OPEN_CAMPAIGN_JOB, args=args, org_path=row.org_path, lock=f"campaign-{row.id}")


async def advance(
    session: AsyncSession, *, row: Campaign, step: str, actor: Actor, accept_reason: str | None
) -> Campaign:
    """Takes the campaign to its next window, if nobody is missing or it goes on without them for a reason.

    Args:
        session: the transaction.
        row: the campaign, locked.
        step: of the transition table.
        actor: who decides.
        accept_reason: why it goes on although schools are missing; kept.

    Raises:
        DomainError: ``workflow.not_allowed``, ``campaign.schools_missing``, ``campaign.not_drawn``,
            ``campaign.not_filled_in``.
    """
    LIFE.target(step, CampaignState(row.state))
    if step == "begin_self_evaluation":
        await _require_filled(session, row)
    if step == "begin_city_verification":
        await _settle_verification(session, row)
    counts = await advance_gate(session, row=row, step=step, actor=actor, accept_reason=accept_reason)
    return await move_campaign(session, row, step, actor=actor, detail={"accept_reason": accept_reason, **counts})


async def advance_gate(
    session: AsyncSession, *, row: Campaign, step: str, actor: Actor, accept_reason: str | None
) -> dict[str, int]:
    """Holds a step up while somebody is missing, unless it goes on for a reason, which is kept.

    Returns:
        How many schools are missing, by what.

    Raises:
        DomainError: ``campaign.schools_missing``.
    """
    missing = await missing_before(session, row=row, step=step, actor=actor)
    for gate in missing:
        require_nobody_missing(gate.schools, what=gate.what, accept_reason=accept_reason)
        if gate.schools:
            row.accepted = [*row.accepted, {"step": step, "reason": accept_reason, gate.what: len(gate.schools)}]
    return {gate.what: len(gate.schools) for gate in missing}


async def draw_verification(session: AsyncSession, *, row: Campaign, body: DrawIn, actor: Actor) -> Campaign:
    """Draws the schools that the city verifies; once, after the schools were frozen and before verification begins.

    Raises:
        DomainError: ``campaign.draw_not_now``, ``campaign.already_drawn``.
    """
    settings = row.definition["verification"]
    is_frozen = row.state in (CampaignState.SELF_EVALUATION, CampaignState.COUNTY_REVIEW)
    if settings["mode"] != VerificationMode.SAMPLED or not is_frozen:
        raise DomainError("campaign.draw_not_now", params={"state": row.state, "mode": settings["mode"]})
    if row.draw is not None:
        raise DomainError("campaign.already_drawn")
    schools = await codes_with_counties(session, row.id)
    chosen = drawn(schools, seed=body.seed, share=settings["share"], least=settings["least"])
    await mark_drawn(session, row.id, chosen)
    row.draw = {"seed": body.seed, "source": body.source, "drawn_at": clock.now().isoformat()}
    row.draw |= {"share": settings["share"], "least": settings["least"], "schools": len(chosen), "of": len(schools)}
    await keep_campaign(session, row, action="drawn", actor=actor, detail={"seed": body.seed, "schools": len(chosen)})
    return row


async def extend(session: AsyncSession, *, row: Campaign, body: ExtensionIn, actor: Actor) -> Campaign:
    """Lets the window of the present state end later; raises ``campaign.no_window``, ``campaign.extension_too_early``."""
    if row.window_ends_at is None:
        raise DomainError("campaign.no_window", params={"state": row.state})
    ends_at = end_of(body.ends_on, clock.CHINA)
    if ends_at <= max(row.window_ends_at, clock.now()):
        raise DomainError("campaign.extension_too_early", params={"ends_at": row.window_ends_at.isoformat()})
    row.window_ends_at = ends_at
    await keep_campaign(session, row, action="extended", actor=actor, detail=body.model_dump(mode="json"))
    return row


async def move_campaign(
    session: AsyncSession,
    row: Campaign,
    step: str,
    *,
    actor: Actor,
    reason: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> Campaign:
    """Takes one step on a locked row, with its audit note and change record; the next window opens."""
    row.state = LIFE.target(step, CampaignState(row.state))
    row.state_reason = reason
    row.window_ends_at = _open_window(row, CampaignState(row.state), at=clock.now())
    await keep_campaign(
        session, row, action=row.state, actor=actor, detail={"step": step, "reason": reason, **(detail or {})}
    )
    return row


async def keep_campaign(
    session: AsyncSession, row: Campaign, *, action: str, actor: Actor, detail: Mapping[str, Any] | None = None
) -> None:
    """Writes a campaign with its counted version, audit note and change record."""
    row.version += 1
    await session.flush()
    note(session, actor, f"campaign.{action}", row.code, detail)
    await record_changes(session, "campaigns", Operation.UPSERTED, [(row.org_path, {"campaign": row.code})])


def _open_window(row: Campaign, state: CampaignState, *, at: dt.datetime) -> dt.datetime | None:
    """The planned end; a window that would be over before it began lasts until the end of the next day."""
    planned = window_end(row.definition["calendar"], state, clock.CHINA)
    if planned is None or planned > at:
        return planned
    return end_of(at.astimezone(clock.CHINA).date() + dt.timedelta(days=1), clock.CHINA)


async def _require_filled(session: AsyncSession, row: Campaign) -> None:
    """Figures that are computed must have been there to be checked."""
    scheme = await scheme_on(await version_by_id(session, SCHEMES, row.scheme_version_id), row.as_of)
    if row.prefill is None and any(is_computed(leaf) for leaf in scheme.leaves()):
        raise DomainError("campaign.not_filled_in")


async def _settle_verification(session: AsyncSession, row: Campaign) -> None:
    """Of a sampled verification the draw must have been made; of a full one every school is looked at."""
    mode = VerificationMode(row.definition["verification"]["mode"])
    if mode is VerificationMode.SAMPLED and row.draw is None:
        raise DomainError("campaign.not_drawn")
    if mode is VerificationMode.FULL:
        await mark_drawn(session, row.id, None)
