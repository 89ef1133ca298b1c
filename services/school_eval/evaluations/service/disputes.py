"""Disputes over prefilled figures: raised by the school in the window of checking, decided above it."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.campaigns.rules import CampaignState
from services.school_eval.evaluations import repository
from services.school_eval.evaluations.rules import (
    DISPUTE_LIFE,
    DisputeState,
    Judge,
    is_computed,
)
from services.school_eval.evaluations.schemas import DisputeIn
from services.school_eval.evaluations.service.opened import Opened, keep
from services.school_eval.evaluations.service.values import set_value
from services.school_eval.evaluations.tables import Dispute
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.scoring.scheme.entered_values import Raw, applies, canonical
from shared.scoring.scheme.tree import Leaf
from shared.terms.actor import Actor
from shared.terms.errors import DomainError, Fault


async def raise_dispute(session: AsyncSession, *, opened: Opened, body: DisputeIn, shown: str | None) -> Dispute:
    """A school says that a figure filled in for it is wrong.

    Args:
        session: the transaction.
        opened: the evaluation.
        body: the leaf, what the figure should be, and why.
        shown: the figure as it was shown.

    Raises:
        DomainError: ``campaign.not_now``, ``campaign.window_over``, ``dispute.not_computed``, ``dispute.already_open``.
    """
    opened.require_campaign(CampaignState.DATA_CHECKING)
    leaf = opened.leaves.get(body.leaf)
    if leaf is None or not is_computed(leaf) or not applies(leaf, opened.evaluation.attributes):
        raise DomainError("dispute.not_computed", params={"leaf": body.leaf})
    if await repository.open_dispute(session, opened.actor, opened.evaluation.id, leaf.code):
        raise DomainError("dispute.already_open", params={"leaf": leaf.code})
    row = Dispute(
        campaign_id=opened.campaign.id,
        evaluation_id=opened.evaluation.id,
        org_path=opened.evaluation.org_path,
        school_code=opened.evaluation.school_code,
        leaf=leaf.code,
        state=DisputeState.RAISED,
        shown_value=shown,
        claimed_value=_value(leaf, body.claimed_value, "/claimed_value"),
        reason=body.reason,
        raised_by=opened.actor.subject,
        raised_at=clock.now(),
    )
    session.add(row)
    await session.flush()
    await _tell(session, row, opened)
    return row


async def decide(
    session: AsyncSession, *, opened: Opened, row: Dispute, step: str, reason: str, value: Raw, is_corrected: bool
) -> Dispute:
    """Accepts or refuses a dispute; accepted with a value, that value counts from now on.

    Without a value the figure is mended at its source and comes with the next refresh.

    Raises:
        DomainError: ``workflow.not_allowed``, ``campaign.not_now``.
    """
    opened.require_campaign(CampaignState.DATA_CHECKING, CampaignState.SELF_EVALUATION, is_timed=False)
    row.state = DISPUTE_LIFE.target(step, DisputeState(row.state))
    _end(row, opened.actor, reason)
    if is_corrected:
        row.decided_value = _value(opened.leaves[row.leaf], value, "/value")
        await set_value(
            session, opened=opened, leaf=row.leaf, value=row.decided_value, judge=Judge.DISPUTE, reason=reason
        )
    await _tell(session, row, opened)
    return row


async def withdraw(session: AsyncSession, *, opened: Opened, row: Dispute) -> Dispute:
    """The school takes its dispute back; raises ``workflow.not_allowed``."""
    row.state = DISPUTE_LIFE.target("withdraw", DisputeState(row.state))
    _end(row, opened.actor, None)
    await _tell(session, row, opened)
    return row


async def confirm_figures(session: AsyncSession, *, opened: Opened) -> None:
    """The school has looked at what was filled in for it; raises ``campaign.not_now``, ``dispute.still_open``."""
    opened.require_campaign(CampaignState.DATA_CHECKING)
    if opened.evaluation.school_code in await repository.schools_with_open_disputes(
        session, opened.actor, opened.campaign.id
    ):
        raise DomainError("dispute.still_open")
    if opened.evaluation.figures_confirmed_at is None:
        opened.evaluation.figures_confirmed_at = clock.now()
        opened.evaluation.figures_confirmed_by = opened.actor.subject
        await keep(session, opened, "figures_confirmed")


def _end(row: Dispute, actor: Actor, reason: str | None) -> None:
    row.ended_at, row.ended_by, row.decision_reason = clock.now(), actor.subject, reason


def _value(leaf: Leaf, value: Raw, pointer: str) -> str | None:
    try:
        return canonical(leaf, value)
    except ValueError as error:
        params = {"leaf": leaf.code, "allowed": str(error)}
        fault = Fault("evaluation.value_invalid", pointer=pointer, allowed=str(error), params=params)
        raise DomainError("request.invalid", faults=[fault]) from error


async def _tell(session: AsyncSession, row: Dispute, opened: Opened) -> None:
    """The words stay in the row."""
    await session.flush()
    key = opened.key | {"dispute": str(row.id)}
    note(
        session,
        opened.actor,
        f"dispute.{row.state}",
        "/".join(opened.key.values()),
        {"leaf": row.leaf, "id": str(row.id)},
    )
    await record_changes(session, "disputes", Operation.UPSERTED, [(row.org_path, key)])
