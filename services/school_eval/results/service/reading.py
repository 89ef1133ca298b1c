"""Finding the version a reader may see, and what of it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.campaigns.repository import campaign_by_code
from services.school_eval.campaigns.tables import Campaign
from services.school_eval.evaluations.repository import names_of
from services.school_eval.results import repository
from services.school_eval.results.rules import pinned, seen_by, sees_ranks
from services.school_eval.results.tables import CampaignResult
from services.school_eval.results.views import View
from services.school_eval.schemes.mounted import SCHEMES
from shared.kernel.store.columnar import ColumnarStore
from shared.kits.schemes.repository import version_by_id
from shared.kits.schemes.service.reading import scheme_on
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


async def seen_versions(
    session: AsyncSession, *, code: str, actor: Actor
) -> tuple[Campaign, Sequence[CampaignResult], bool]:
    """A campaign, the versions of its results that the actor may see, newest first, and whether the actor leads it."""
    campaign = await campaign_by_code(session, actor, code)
    # Whoever stands above, such as the province, sees what was shown and not what is still being worked on.
    is_leading = actor.org == campaign.org_path
    versions = await repository.versions_of(session, actor, campaign)
    return campaign, seen_by(versions, is_leading=is_leading), is_leading


async def view_of(session: AsyncSession, *, code: str, actor: Actor, pin: str | None, store: ColumnarStore) -> View:
    """A version as the actor sees it; raises ``resource.not_found``."""
    campaign, versions, _ = await seen_versions(session, code=code, actor=actor)
    return await _view(session, campaign, pinned(versions, pin), actor, store)


async def _view(
    session: AsyncSession, campaign: Campaign, result: CampaignResult, actor: Actor, store: ColumnarStore
) -> View:
    scheme = await scheme_on(await version_by_id(session, SCHEMES, campaign.scheme_version_id), campaign.as_of)
    return View(
        store=store,
        result=result,
        scheme=scheme,
        campaign=campaign.code,
        names=await names_of(session, actor, campaign.id),
        sees_ranks=sees_ranks(actor.level),
        least_group=campaign.definition["least_group"],
    )


def require_school(view: View, school_code: str) -> None:
    """Raises ``resource.not_found`` for a school that is not the reader's."""
    if school_code not in view.names:
        raise DomainError("resource.not_found", params={"what": f"school {school_code}"})


async def views_over_years(
    session: AsyncSession, *, code: str, actor: Actor, store: ColumnarStore
) -> list[tuple[Campaign, View]]:
    """This campaign and earlier ones by the same scheme that the actor sees results of, oldest first."""
    campaign = await campaign_by_code(session, actor, code)
    found = []
    for each in await repository.earlier_campaigns(session, actor, campaign):
        versions = seen_by(await repository.versions_of(session, actor, each), is_leading=actor.covers(each.org_path))
        if versions:
            found.append((each, await _view(session, each, versions[0], actor, store)))
    return found
