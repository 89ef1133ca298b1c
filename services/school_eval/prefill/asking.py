"""Asking for a campaign to be filled in advance."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.campaigns.repository import campaign_for_update
from services.school_eval.campaigns.rules import CampaignState
from services.school_eval.campaigns.tables import Campaign
from services.school_eval.prefill.schemas import PrefillIn
from shared.kernel.audit.log import note
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

PREFILL_JOB = "prefill_campaign"


def require_open(row: Campaign) -> str:
    """Figures are filled in while they can still be checked; returns the frozen schools.

    Raises:
        DomainError: ``campaign.prefill_closed``.
    """
    if row.state != CampaignState.DATA_CHECKING or row.units_sha256 is None:
        raise DomainError("campaign.prefill_closed", params={"state": row.state})
    return row.units_sha256


async def ask_prefill(session: AsyncSession, *, code: str, body: PrefillIn, actor: Actor) -> Job:
    """Asks for the figures to be gathered, or gathered anew.

    Raises:
        DomainError: ``resource.not_found``; ``campaign.prefill_closed``.
    """
    row = await campaign_for_update(session, actor, code)
    require_open(row)
    note(session, actor, "campaign.prefill_asked", code, {"exams": body.exams})
    args = {"campaign_id": str(row.id), "campaign": code, "exams": body.exams}
    return await enqueue(session, actor, PREFILL_JOB, args=args, org_path=row.org_path, lock=f"campaign-{row.id}")
