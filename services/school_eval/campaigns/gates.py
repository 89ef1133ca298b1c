"""Who is missing before a campaign's next step: counted live, each reader within its own organization."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.campaigns.rules import LIFE, CampaignState
from services.school_eval.campaigns.tables import Campaign
from services.school_eval.evaluations import repository as evaluations
from services.school_eval.evaluations.rules import EvaluationState
from services.school_eval.schemes.mounted import SCHEMES
from shared.kits.schemes.repository import version_by_id
from shared.kits.schemes.service.reading import scheme_on
from shared.scoring.scheme.tree import Evaluator
from shared.terms.actor import Actor

_S = EvaluationState
#: Step → what a school may lack → states in which it lacks it.
_STATES_MISSING = {
    "begin_county_review": ("not_submitted", (_S.OPEN, _S.RETURNED)),
    "begin_city_verification": ("not_reviewed", (_S.OPEN, _S.RETURNED, _S.SUBMITTED)),
}


@dataclass(frozen=True, slots=True)
class Missing:
    """What schools lack, and which."""

    what: str
    schools: Sequence[str]


def next_step(state: CampaignState) -> str | None:
    """The step that leads on from a state, not back."""
    onward = [step for step in LIFE.actions(state) if not step.startswith(("reopen", "withdraw"))]
    return onward[0] if onward else None


async def missing_before(session: AsyncSession, *, row: Campaign, step: str, actor: Actor) -> list[Missing]:
    """What stands in the way of a step, as far as the actor sees; empty where nothing can."""
    if step == "begin_self_evaluation":
        return [Missing("dispute_undecided", await evaluations.schools_with_open_disputes(session, actor, row.id))]
    if step in _STATES_MISSING:
        what, states = _STATES_MISSING[step]
        return [Missing(what, await evaluations.schools_in(session, actor, row.id, states))]
    if step == "compute":
        states = tuple(state for state in _S if state is not _S.VERIFIED)
        # What the city alone gives, it gives of every school; else it looks at those drawn.
        is_drawn = None if await _city_gives_leaves(session, row) else True
        found = await evaluations.schools_in(session, actor, row.id, states, is_drawn=is_drawn)
        return [Missing("not_verified", found)]
    return []


async def _city_gives_leaves(session: AsyncSession, row: Campaign) -> bool:
    scheme = await scheme_on(await version_by_id(session, SCHEMES, row.scheme_version_id), row.as_of)
    return any(leaf.evaluators == (Evaluator.CITY,) for leaf in scheme.leaves())
