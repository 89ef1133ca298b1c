"""Route that fills a campaign in advance."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse

from services.school_eval.permissions import PERMISSIONS
from services.school_eval.prefill.asking import ask_prefill
from services.school_eval.prefill.schemas import PrefillIn
from shared.kernel.jobs.endpoints import JobOut, job_accepted
from shared.kernel.web.fields import OwnCode
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/campaigns", tags=["campaigns"])
Leader = Annotated[Actor, Depends(PERMISSIONS.requires("campaigns.advance"))]


@router.post(
    "/{code}:prefill",
    status_code=202,
    response_model=JobOut,
    summary="预填：统计、调查、监测结果 / Fill in what is known: statistics, surveys, published monitoring results",
)
async def prefill_campaign(
    code: Annotated[OwnCode, Path()], body: PrefillIn, request: Request, session: Session, actor: Leader
) -> JSONResponse:
    return job_accepted(request, await ask_prefill(session, code=code, body=body, actor=actor))
