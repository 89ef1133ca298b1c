"""Minutes of the congress of staff: files of a plan, attached until the county has filed it."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import Depends, Path
from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.evidence.tables import Evidence
from services.teacher_eval.pay_plans.repository import plan_by_id
from services.teacher_eval.pay_plans.rules import OPEN, PlanState
from services.teacher_eval.pay_plans.tables import PayPlan
from services.teacher_eval.permissions import PERMISSIONS
from shared.kernel.database.repository import visible
from shared.kernel.web.route import Session
from shared.kits.evidence.endpoints import evidence_router
from shared.kits.subject import Subject
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

KIND = "pay_plan"
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("pay_plans.read"))]
Attacher = Annotated[Actor, Depends(PERMISSIONS.requires("pay_plans.draft"))]
PlanId = Annotated[uuid.UUID, Path()]


async def minutes_count(session: AsyncSession, actor: Actor, plan_id: uuid.UUID) -> int:
    """Files that stand of a plan."""
    statement = visible(Evidence, actor).where(
        Evidence.subject_type == KIND, Evidence.subject_key == str(plan_id), Evidence.withdrawn_at.is_(None)
    )
    return await session.scalar(statement.with_only_columns(func.count())) or 0


async def _read(plan_id: PlanId, session: Session, actor: Reader) -> Subject:
    return _subject(await plan_by_id(session, actor, plan_id), actor)


async def _write(plan_id: PlanId, session: Session, actor: Attacher) -> Subject:
    row = await plan_by_id(session, actor, plan_id)
    if PlanState(row.state) not in OPEN:
        raise DomainError("pay_plan.final", params={"state": row.state, "number": row.number})
    return _subject(row, actor)


def _subject(row: PayPlan, actor: Actor) -> Subject:
    return Subject(KIND, str(row.id), row.org_path, actor)


router = evidence_router(Evidence, prefix="/pay-plans/{plan_id}/evidence", name="pay_plan", reader=_read, writer=_write)
