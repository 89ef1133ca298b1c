"""What every use case of an evaluation begins with: the campaign held in its state, the school's row locked, the scheme."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.campaigns.repository import campaign_by_code, held_campaign
from services.school_eval.campaigns.rules import CampaignState, require_window
from services.school_eval.campaigns.tables import Campaign
from services.school_eval.evaluations import repository
from services.school_eval.evaluations.rules import LIFE, EvaluationState
from services.school_eval.evaluations.tables import SchoolEvaluation
from services.school_eval.schemes.mounted import SCHEMES
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.kits.schemes.repository import version_by_id
from shared.kits.schemes.service.reading import scheme_on
from shared.scoring.scheme.tree import Leaf, Scheme
from shared.terms.actor import Actor
from shared.terms.errors import DomainError, Fault


@dataclass(frozen=True, slots=True)
class Opened:
    """One school's evaluation, ready to be worked on by somebody."""

    campaign: Campaign
    evaluation: SchoolEvaluation
    scheme: Scheme
    actor: Actor

    @property
    def key(self) -> dict[str, str]:
        """Natural key, as the change feed and the audit log name it."""
        return {"campaign": self.campaign.code, "school_code": self.evaluation.school_code}

    @property
    def leaves(self) -> Mapping[str, Leaf]:
        """Leaves of the scheme by code."""
        return {leaf.code: leaf for leaf in self.scheme.leaves()}

    def require_campaign(self, *states: CampaignState, is_timed: bool = True) -> None:
        """Raises ``campaign.not_now`` or ``campaign.window_over``."""
        ends_at = self.campaign.window_ends_at if is_timed else None
        require_window(CampaignState(self.campaign.state), states, ends_at=ends_at, at=clock.now())

    def require_state(self, states: Collection[EvaluationState]) -> None:
        """Raises ``evaluation.not_now``."""
        if self.evaluation.state not in states:
            needed = ", ".join(sorted(states))
            raise DomainError("evaluation.not_now", params={"state": self.evaluation.state, "needed": needed})


async def open_for_reading(session: AsyncSession, *, code: str, school_code: str, actor: Actor) -> Opened:
    """An evaluation as it stands."""
    campaign = await campaign_by_code(session, actor, code)
    row = await repository.evaluation_of(session, actor, campaign.id, school_code)
    return Opened(campaign, row, await scheme_of(session, campaign), actor)


async def open_for_work(session: AsyncSession, *, code: str, school_code: str, actor: Actor) -> Opened:
    """An evaluation locked; the campaign stays in its state until the transaction ends."""
    campaign = await held_campaign(session, actor, code)
    row = await repository.evaluation_for_update(session, actor, campaign.id, school_code)
    return Opened(campaign, row, await scheme_of(session, campaign), actor)


async def scheme_of(session: AsyncSession, campaign: Campaign) -> Scheme:
    """The scheme of a campaign, as of its day."""
    return await scheme_on(await version_by_id(session, SCHEMES, campaign.scheme_version_id), campaign.as_of)


async def move(
    session: AsyncSession,
    opened: Opened,
    step: str,
    *,
    reason: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Takes one step of an evaluation's life."""
    row = opened.evaluation
    row.state = LIFE.target(step, EvaluationState(row.state))
    row.state_reason = reason
    await keep(session, opened, row.state, detail={"step": step, "reason": reason, **(detail or {})})


async def keep(session: AsyncSession, opened: Opened, action: str, *, detail: Mapping[str, Any] | None = None) -> None:
    """Counts the version, notes what was done, tells those who pull."""
    row = opened.evaluation
    row.version += 1
    await session.flush()
    note(session, opened.actor, f"evaluation.{action}", "/".join(opened.key.values()), detail)
    await record_changes(session, "evaluations", Operation.UPSERTED, [(row.org_path, opened.key)])


def require_known(opened: Opened, leaves: Sequence[str], *, pointer: str = "/items/{place}/leaf") -> None:
    """Raises ``request.invalid`` naming every leaf that the scheme does not have, or names twice."""
    faults = []
    for place, code in enumerate(leaves):
        where = pointer.format(place=place)
        if code not in opened.leaves:
            faults.append(Fault("evaluation.leaf_unknown", pointer=where, value=code, params={"leaf": code}))
        elif code in leaves[:place]:
            faults.append(Fault("evaluation.leaf_twice", pointer=where, value=code, params={"leaf": code}))
    if faults:
        raise DomainError("request.invalid", faults=faults)
