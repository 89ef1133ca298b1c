"""Results of campaigns in the database."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.campaigns.rules import CampaignState
from services.school_eval.campaigns.tables import Campaign
from services.school_eval.results.tables import CampaignResult, SchoolAppeal
from services.school_eval.schemes.tables import SchemeVersion
from shared.kernel import clock
from shared.kernel.database.repository import visible
from shared.terms.actor import Actor
from shared.workflow.appeals import OPEN


async def versions_of(session: AsyncSession, actor: Actor, campaign: Campaign) -> Sequence[CampaignResult]:
    """Every version of a campaign's results."""
    statement = visible(CampaignResult, actor).where(CampaignResult.campaign_id == campaign.id)
    return (await session.scalars(statement)).all()


async def show_from_now(session: AsyncSession, campaign_id: uuid.UUID) -> None:
    """Lets counties and schools see what has been computed."""
    unseen = (CampaignResult.campaign_id == campaign_id, CampaignResult.shown_at.is_(None))
    await session.execute(update(CampaignResult).where(*unseen).values(shown_at=clock.now()))


async def open_appeal_count(session: AsyncSession, campaign_code: str) -> int:
    """Appeals against a campaign's results that are not over."""
    mine = SchoolAppeal.subject_key.startswith(f"{campaign_code}/", autoescape=True)
    statement = select(func.count()).where(mine, SchoolAppeal.state.in_(sorted(OPEN)))
    return await session.scalar(statement) or 0


async def earlier_campaigns(session: AsyncSession, actor: Actor, campaign: Campaign) -> Sequence[Campaign]:
    """Published campaigns by the same scheme, in any version, up to this one, oldest first."""
    scheme = select(SchemeVersion.scheme_id).where(SchemeVersion.id == campaign.scheme_version_id).scalar_subquery()
    same = select(SchemeVersion.id).where(SchemeVersion.scheme_id == scheme)
    shown = (CampaignState.PUBLISHED, CampaignState.ARCHIVED)
    statement = visible(Campaign, actor).where(
        Campaign.scheme_version_id.in_(same),
        Campaign.as_of <= campaign.as_of,
        Campaign.state.in_(shown) | (Campaign.id == campaign.id),
    )
    return (await session.scalars(statement.order_by(Campaign.as_of, Campaign.code))).all()
