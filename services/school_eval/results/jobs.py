"""The computation as a job: inputs frozen, evaluated in a thread, one transaction at the end."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from services.school_eval.campaigns.repository import campaign_by_id
from services.school_eval.campaigns.rules import LIFE, CampaignState
from services.school_eval.campaigns.service import move_campaign
from services.school_eval.evaluations.repository import all_values, last_word
from services.school_eval.results import repository
from services.school_eval.results.rules import newest_of
from services.school_eval.results.service.computing import (
    COMPUTE_JOB,
    Frozen,
    canonical_sha256,
    computed,
    keep_version,
    stored_inputs,
)
from services.school_eval.schemes.mounted import SCHEMES
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind
from shared.kits.schemes.repository import version_by_id
from shared.kits.schemes.service.reading import scheme_on
from shared.terms.errors import DomainError


async def run(context: JobContext) -> None:
    """Computes a campaign from what was said last; running it again gives the same files."""
    campaign_id, store = uuid.UUID(context.args["campaign_id"]), context.kernel.columns
    appeal_id = uuid.UUID(context.args["appeal_id"]) if context.args["appeal_id"] else None
    async with context.commit() as session:
        campaign = await campaign_by_id(session, campaign_id)
        if appeal_id is None:
            LIFE.target("compute", CampaignState(campaign.state))
        version = await version_by_id(session, SCHEMES, campaign.scheme_version_id)
        scheme = await scheme_on(version, campaign.as_of)
        said, word = await all_values(session, campaign_id), await last_word(session, campaign_id)
        replaced = newest_of(await repository.versions_of(session, context.actor, campaign))
    await context.progress(0, 3, "freezing")
    frozen = Frozen(scheme, await stored_inputs(store, campaign, version, scheme, said), word)
    if appeal_id is not None and replaced is not None and canonical_sha256(frozen.inputs) == replaced.inputs_sha256:
        # Another ruling's version has it already.
        async with context.final({"campaign": campaign.code, "version": replaced.version, "changes": None}):
            return
    await context.progress(1, 3, "evaluating")
    outcome = await asyncio.to_thread(computed, store, frozen, replaced.frames if replaced else None)
    await context.progress(2, 3, "storing")
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        campaign = await campaign_by_id(session, campaign_id)
        # A ruling's version is of the moment it was frozen: what another ruling changed meanwhile has a version of its own.
        if appeal_id is None and await last_word(session, campaign_id) != word:
            raise DomainError("campaign.values_changed", params={"campaign": campaign.code})
        reason = context.args["reason"]
        row = await keep_version(
            session,
            campaign=campaign,
            frozen=frozen,
            outcome=outcome,
            actor=context.actor,
            reason=reason,
            appeal_id=appeal_id,
        )
        if appeal_id is None:
            await move_campaign(session, campaign, "compute", actor=context.actor, reason=reason)
        result |= {"campaign": campaign.code, "version": row.version, "counts": row.counts, "changes": row.changes}


COMPUTE_CAMPAIGN = JobKind(COMPUTE_JOB, run)
