"""Route of what became of a program's participants."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.training_effect.service import program_effect
from shared.kernel.web.fields import OwnCode
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/training-programs", tags=["trainings"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("training_participants.read"))]


class EffectOut(BaseModel):
    """Participants against comparable others; null figures where too few people stand behind them."""

    participants: int
    others: int
    left_out: int = Field(description="没有可比人员而未计的参训者 / participants without comparable others")
    participants_change: float | None
    others_change: float | None
    effect: float | None
    ci: tuple[float, float] | None = Field(description="95 %")


class ProgramEffectOut(BaseModel):
    """What became of those who completed a program. A difference beside others proves no cause."""

    program: str
    least_group: int
    annual_total: EffectOut | None = Field(
        description="两次年度考核总分之变化；未指定考核时为空 / change of annual totals"
    )
    rung_reached: EffectOut


@router.get("/{code}/effect", summary="培训成效跟踪 / Participants before and after, beside comparable others")
async def read_effect(
    code: Annotated[OwnCode, Path()],
    session: Session,
    actor: Reader,
    before: Annotated[OwnCode | None, Query(description="培训前的考核 / annual evaluation before")] = None,
    after: Annotated[OwnCode | None, Query(description="培训后的考核 / annual evaluation after")] = None,
) -> ProgramEffectOut:
    found = await program_effect(session, code=code, before=before, after=after, actor=actor)
    return ProgramEffectOut(
        program=code,
        least_group=found.least,
        annual_total=None if found.annual_total is None else EffectOut(**asdict(found.annual_total)),
        rung_reached=EffectOut(**asdict(found.rung_reached)),
    )
