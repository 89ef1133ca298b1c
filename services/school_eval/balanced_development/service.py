"""Schools and counties of a campaign held against the standards of balanced development, from the year's statistics."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.balanced_development.rules import resource_standard, schools_table
from services.school_eval.campaigns.repository import campaign_by_code
from services.school_eval.campaigns.tables import Campaign
from services.school_eval.statistics.catalog import catalog
from services.school_eval.statistics.repository import all_of_year
from services.school_eval.statistics.service import figures_of
from shared.kernel.store.columnar import ColumnarStore
from shared.policy.balanced_development import BalanceStandard, balance_standards_on
from shared.scoring.balanced_development import BalancedDevelopment, balanced_development
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import school_path

_COLUMNS = ["unit_code", "county_code", "stages"]


@dataclass(frozen=True, slots=True)
class Balance:
    """What was found of the schools that the actor sees.

    Args:
        campaign: whose schools.
        standards: in force on its day, by stage.
        found: figures; ``None`` where no school could be judged.
        left_out: schools of other stages, and those without a number of pupils.
    """

    campaign: Campaign
    standards: Sequence[BalanceStandard]
    found: BalancedDevelopment | None
    left_out: Sequence[str]


async def balance_of(session: AsyncSession, *, code: str, actor: Actor, store: ColumnarStore) -> Balance:
    """Judges the campaign's schools by their statistics as they stand.

    Raises:
        DomainError: ``resource.not_found`` for the campaign, for one whose schools are not frozen yet, and where no standard
            is in force on its day.
    """
    campaign = await campaign_by_code(session, actor, code)
    standards = list(balance_standards_on(campaign.as_of).values())
    if campaign.units_sha256 is None or not standards:
        raise DomainError("resource.not_found", params={"what": f"balanced development {code}"})
    frozen = await asyncio.to_thread(store.get, campaign.units_sha256, _COLUMNS)
    seen = [actor.covers(school_path(county, school)) for school, county, _ in frozen.select(_COLUMNS).iter_rows()]
    rows = await all_of_year(session, actor, campaign.school_year)
    figures = {row.school_code: values for row, values in figures_of(rows)}
    indicators = list(dict.fromkeys(code for standard in standards for code in standard.indicators))
    own = [resource_standard(standard) for standard in standards]

    def judged() -> tuple[BalancedDevelopment | None, Sequence[str]]:
        table, left_out = schools_table(frozen.filter(seen), figures, indicators, catalog())
        return (None if table.is_empty() else balanced_development(table, own)), left_out

    return Balance(campaign, standards, *await asyncio.to_thread(judged))
