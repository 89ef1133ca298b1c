"""Steps of one school's evaluation: submitted by the school, reviewed by the county, verified by the city."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.campaigns.rules import CampaignState
from services.school_eval.evaluations import repository
from services.school_eval.evaluations.rules import LIFE, EvaluationState, Judge, leaves_for, missing_to_submit, unjudged
from services.school_eval.evaluations.schemas import ReturnIn
from services.school_eval.evaluations.service.opened import Opened, move, require_known
from services.school_eval.evaluations.service.values import judged_leaves, note_returned, require_entering
from shared.kernel import clock
from shared.scoring.scheme.tree import Evaluator, Leaf
from shared.terms.errors import DomainError, Fault

#: Whose word settles a leaf that an evaluator has to judge.
_SETTLED = {
    Evaluator.COUNTY: (Judge.COUNTY, Judge.CITY, Judge.DISPUTE, Judge.RULING),
    Evaluator.CITY: (Judge.CITY, Judge.DISPUTE, Judge.RULING),
}


async def missing_of(session: AsyncSession, *, opened: Opened, with_evidence: Collection[str]) -> list[Fault]:
    """What the school still owes before it can submit."""
    held = await repository.held_values(session, opened.actor, opened.evaluation.id)
    return missing_to_submit(
        leaves_for(opened.scheme, opened.evaluation.attributes, Evaluator.SCHOOL),
        held,
        with_evidence=with_evidence,
        is_evidence_required=opened.campaign.definition["is_evidence_required"],
    )


async def submit(session: AsyncSession, *, opened: Opened, with_evidence: Collection[str]) -> None:
    """The school submits its self-evaluation.

    Raises:
        DomainError: ``workflow.not_allowed``, ``campaign.not_now``, ``campaign.window_over``, ``evaluation.incomplete``
            with everything that is missing.
    """
    LIFE.target("submit", EvaluationState(opened.evaluation.state))
    require_entering(opened)
    faults = await missing_of(session, opened=opened, with_evidence=with_evidence)
    if faults:
        raise DomainError("evaluation.incomplete", faults=faults)
    opened.evaluation.submitted_at, opened.evaluation.submitted_by = clock.now(), opened.actor.subject
    await move(session, opened, "submit")


async def recall(session: AsyncSession, *, opened: Opened) -> None:
    """The school takes its submission back while self-evaluation lasts."""
    opened.require_campaign(CampaignState.SELF_EVALUATION)
    await move(session, opened, "recall")


async def return_to_school(session: AsyncSession, *, opened: Opened, body: ReturnIn) -> None:
    """The county returns a submission, saying what of which leaves has to be mended."""
    opened.require_campaign(CampaignState.SELF_EVALUATION, CampaignState.COUNTY_REVIEW)
    LIFE.target("return", EvaluationState(opened.evaluation.state))
    require_known(opened, [item.leaf for item in body.leaves], pointer="/leaves/{place}/leaf")
    reasons = {item.leaf: item.reason for item in body.leaves}
    await note_returned(session, opened=opened, leaves=reasons, judge=Judge.COUNTY)
    opened.evaluation.reviewed_at = opened.evaluation.reviewed_by = None
    await move(session, opened, "return", reason=body.reason, detail={"leaves": sorted(reasons)})


async def finish_review(session: AsyncSession, *, opened: Opened) -> None:
    """The county has judged every leaf that is its to judge.

    Raises:
        DomainError: ``workflow.not_allowed``, ``campaign.not_now``, ``campaign.window_over``, ``evaluation.unjudged``.
    """
    opened.require_campaign(CampaignState.COUNTY_REVIEW)
    LIFE.target("review", EvaluationState(opened.evaluation.state))
    await _require_judged(session, opened, judged_leaves(opened, Evaluator.COUNTY), Evaluator.COUNTY)
    opened.evaluation.reviewed_at, opened.evaluation.reviewed_by = clock.now(), opened.actor.subject
    await move(session, opened, "review")


async def finish_verification(session: AsyncSession, *, opened: Opened) -> None:
    """The city has judged every leaf that is its to judge.

    Raises:
        DomainError: ``workflow.not_allowed``, ``campaign.not_now``, ``campaign.window_over``, ``evaluation.unjudged``.
    """
    opened.require_campaign(CampaignState.CITY_VERIFICATION)
    LIFE.target("verify", EvaluationState(opened.evaluation.state))
    await _require_judged(session, opened, judged_leaves(opened, Evaluator.CITY), Evaluator.CITY)
    opened.evaluation.verified_at, opened.evaluation.verified_by = clock.now(), opened.actor.subject
    await move(session, opened, "verify")


async def reopen_review(session: AsyncSession, *, opened: Opened, reason: str) -> None:
    """A review is taken back, so that leaves can be judged anew."""
    opened.require_campaign(CampaignState.COUNTY_REVIEW)
    opened.evaluation.reviewed_at = opened.evaluation.reviewed_by = None
    opened.evaluation.verified_at = opened.evaluation.verified_by = None
    await move(session, opened, "reopen_review", reason=reason)


async def _require_judged(session: AsyncSession, opened: Opened, leaves: Sequence[Leaf], evaluator: Evaluator) -> None:
    held = await repository.held_values(session, opened.actor, opened.evaluation.id)
    missing = unjudged(leaves, held, _SETTLED[evaluator])
    if missing:
        params = {"total": len(missing), "leaves": ", ".join(missing[:20])}
        raise DomainError("evaluation.unjudged", params=params)
