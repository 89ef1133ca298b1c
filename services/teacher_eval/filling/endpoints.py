"""The route by which a cycle's figures are filled in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse

from services.teacher_eval.filling.asking import ask_filling
from services.teacher_eval.permissions import PERMISSIONS
from shared.kernel.jobs.endpoints import JobOut, job_accepted
from shared.kernel.web.fields import OwnCode
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/cycles", tags=["cycles"])
Filler = Annotated[Actor, Depends(PERMISSIONS.requires("cycles.fill"))]


@router.post(
    "/{code}:fill", status_code=202, response_model=JobOut, summary="平台取数 / Fill in what the platform knows"
)
async def fill_cycle(
    code: Annotated[OwnCode, Path()], request: Request, session: Session, actor: Filler
) -> JSONResponse:
    return job_accepted(request, await ask_filling(session, code=code, actor=actor))
