"""Opening a campaign: which schools it holds, as the roster knows them now."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from services.school_eval.campaigns import repository
from services.school_eval.campaigns.rules import (
    LIFE,
    LISTED,
    CampaignState,
    in_scope,
    without_attributes,
)
from services.school_eval.campaigns.service import (
    OPEN_CAMPAIGN_JOB,
    move_campaign,
)
from services.school_eval.campaigns.tables import Campaign
from services.school_eval.campaigns.units import unit_attributes, units_frame
from services.school_eval.evaluations.repository import add_evaluations
from services.school_eval.evaluations.rules import leaves_for
from services.school_eval.evaluations.tables import SchoolEvaluation
from services.school_eval.schemes.mounted import SCHEMES
from shared.contracts.roster import Roster, RosterClient, School
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind
from shared.kernel.settings import ServiceSettings
from shared.kits.schemes.repository import version_by_id
from shared.kits.schemes.service.reading import scheme_on
from shared.scoring.scheme.entered_values import matches
from shared.scoring.scheme.tree import Evaluator, Scheme
from shared.terms.errors import DomainError

OpenRoster = Callable[[ServiceSettings], AbstractAsyncContextManager[Roster]]


def open_campaign_job(open_roster: OpenRoster) -> JobKind:
    """The job that opens a campaign, reading the roster through ``open_roster``."""

    async def run(context: JobContext) -> None:
        async with open_roster(context.kernel.settings) as roster:
            await open_campaign(context, roster)

    return JobKind(OPEN_CAMPAIGN_JOB, run)


async def open_campaign(context: JobContext, roster: Roster) -> None:
    """Freezes the schools of a campaign and opens the checking of figures."""
    campaign_id = uuid.UUID(context.args["campaign_id"])
    async with context.commit() as session:
        row = await repository.campaign_by_id(session, campaign_id)
        LIFE.target("open", CampaignState(row.state))
        scheme = await scheme_on(await version_by_id(session, SCHEMES, row.scheme_version_id), row.as_of)
    await context.progress(0, 2, "schools")
    schools = _in_scope(await roster.schools(), row, scheme)
    await context.progress(1, 2, "freezing")
    stored = await asyncio.to_thread(context.kernel.columns.put, units_frame(schools))
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        row = await repository.campaign_by_id(session, campaign_id)
        row.units_sha256 = stored.sha256
        await add_evaluations(session, [_evaluation(row, school, scheme) for school in schools])
        await move_campaign(session, row, "open", actor=context.actor, detail={"schools": len(schools)})
        result |= {"campaign": row.code, "schools": len(schools), "units_sha256": stored.sha256}


def _in_scope(schools: Sequence[School], row: Campaign, scheme: Scheme) -> list[School]:
    """Open schools of the campaign's area that its scope and its scheme mean.

    Raises:
        DomainError: ``campaign.no_schools``; ``campaign.schools_unknown`` for listed schools that are not among them;
            ``campaign.attributes_missing`` where the roster does not say what the scheme asks of a school.
    """
    scope = row.definition["scope"]
    judged = {
        school.school_code: unit_attributes(school)
        for school in schools
        if school.org_path.startswith(row.org_path) and not school.is_closed
    }
    judged = {
        code: values
        for code, values in judged.items()
        if all(matches(values.get(name), allowed) for name, allowed in scheme.applies_to.items())
    }
    unknown = sorted(set(scope.get("schools") or ()) - set(judged))
    if unknown:
        raise DomainError("campaign.schools_unknown", params={"schools": ", ".join(unknown[:LISTED])})
    found = {code: values for code, values in judged.items() if in_scope(code, values, scope)}
    if not found:
        raise DomainError("campaign.no_schools")
    needed = {*scheme.group_by, *(name for leaf in scheme.leaves() for name in leaf.applies_to)}
    lacking = without_attributes(found, needed)
    if lacking:
        params = {
            "attributes": ", ".join(sorted(needed)),
            "schools": ", ".join(lacking[:LISTED]),
            "total": len(lacking),
        }
        raise DomainError("campaign.attributes_missing", params=params)
    return [school for school in schools if school.school_code in found]


def _evaluation(row: Campaign, school: School, scheme: Scheme) -> SchoolEvaluation:
    attributes = unit_attributes(school)
    return SchoolEvaluation(
        campaign_id=row.id,
        school_code=school.school_code,
        county_code=school.county_code,
        name_zh=school.name,
        org_path=school.org_path,
        attributes=attributes,
        asked_count=sum(leaf.asks for leaf in leaves_for(scheme, attributes, Evaluator.SCHOOL)),
    )


OPEN_CAMPAIGN = open_campaign_job(RosterClient.of)
