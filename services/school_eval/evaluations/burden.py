"""How much schools are asked to enter by hand: burden is counted, and what is computed is shown beside it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.campaigns.tables import Campaign
from services.school_eval.evaluations.repository import asked_figures
from services.school_eval.evaluations.rules import is_computed
from services.school_eval.schemes.mounted import SCHEMES
from shared.kits.schemes.repository import version_by_id
from shared.kits.schemes.service.reading import scheme_on
from shared.scoring.scheme.tree import Evaluator
from shared.terms.actor import Actor


async def burden_of(session: AsyncSession, *, campaign: Campaign, actor: Actor) -> dict[str, Any]:
    """Figures entered by hand per visible school, and the leaves of the scheme by who fills them."""
    scheme = await scheme_on(await version_by_id(session, SCHEMES, campaign.scheme_version_id), campaign.as_of)
    leaves = list(scheme.leaves())
    entered = sum(Evaluator.SCHOOL in leaf.evaluators for leaf in leaves)
    computed = sum(is_computed(leaf) for leaf in leaves)
    figures = await asked_figures(session, actor, campaign.id)
    return dict(figures) | {
        "leaf_count": len(leaves),
        "entered_leaves": entered,
        "computed_leaves": computed,
        "judged_elsewhere_leaves": len(leaves) - entered - computed,
    }
