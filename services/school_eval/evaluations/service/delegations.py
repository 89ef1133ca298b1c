"""Handing parts of a self-evaluation to several people of the school."""

from __future__ import annotations

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.evaluations import repository
from services.school_eval.evaluations.rules import ENTERING
from services.school_eval.evaluations.service.opened import Opened, keep
from services.school_eval.evaluations.tables import Delegation
from shared.kernel import clock
from shared.terms.errors import DomainError


async def delegate(session: AsyncSession, *, opened: Opened, node: str, account: str) -> tuple[Delegation, bool]:
    """Hands a leaf, or everything below a node, to an account; the same again changes nothing.

    Raises:
        DomainError: ``evaluation.not_now`` after submission; ``evaluation.node_unknown``.
    """
    opened.require_state(ENTERING)
    if node not in {each.code for _, each in opened.scheme.nodes()}:
        raise DomainError("evaluation.node_unknown", params={"node": node})
    rows = await repository.active_delegations(session, opened.actor, opened.evaluation.id)
    known = next((row for row in rows if (row.node, row.account) == (node, account)), None)
    if known is not None:
        return known, False
    row = Delegation(
        evaluation_id=opened.evaluation.id, org_path=opened.evaluation.org_path, node=node, account=account
    )
    row.made_by, row.made_at = opened.actor.subject, clock.now()
    session.add(row)
    # An account is a pseudonym of somebody, so the audit names the delegation and not the account.
    await session.flush()
    await keep(session, opened, "delegated", detail={"node": node, "delegation": str(row.id)})
    return row, True


async def end_delegation(session: AsyncSession, *, opened: Opened, delegation_id: uuid.UUID) -> Delegation:
    """Takes a delegation back; what was entered stays."""
    row = await repository.delegation_for_update(session, opened.actor, opened.evaluation.id, delegation_id)
    if row.ended_at is None:
        row.ended_at, row.ended_by = clock.now(), opened.actor.subject
        await keep(session, opened, "delegation_ended", detail={"node": row.node, "delegation": str(row.id)})
    return row
