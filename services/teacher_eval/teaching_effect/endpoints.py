"""Routes of the effect of teaching: computing, how it was computed, schools' counts, and one's own."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse

from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.teaching_effect import repository, service
from services.teacher_eval.teaching_effect.schemas import EffectIn, OwnEffectsOut, RunOut, TotalsOut, run_out
from services.teacher_eval.teaching_effect.tables import TeachingEffectRun
from shared.kernel.jobs.endpoints import JobOut, job_accepted
from shared.kernel.web.fields import SchoolYear
from shared.kernel.web.organizations import OrgCode, path_of
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/teaching-effects", tags=["teaching-effects"])
own = APIRouter(route_class=TransactionalRoute, prefix="/own-teaching-effects", tags=["teaching-effects"])
Computer = Annotated[Actor, Depends(PERMISSIONS.requires("teaching_effects.compute"))]
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("teaching_effects.read"))]
OwnReader = Annotated[Actor, Depends(PERMISSIONS.requires("development.read_own"))]
Year = Annotated[SchoolYear, Path()]
Number = Annotated[int, Path(ge=1)]


@router.get("", summary="教学增值计算列表 / List computations")
async def list_teaching_effect_runs(session: Session, actor: Reader, page: Paging) -> Page[RunOut]:
    statement = repository.runs_of(actor)
    return Page(**await fetch_page(session, statement, page, key=[TeachingEffectRun.id], present=run_out))


@router.post(
    "/{school_year}:compute", status_code=202, response_model=JobOut, summary="计算教学增值 / Compute the effect"
)
async def compute_teaching_effect(
    school_year: Year, body: EffectIn, request: Request, session: Session, actor: Computer
) -> JSONResponse:
    job = await service.ask_computing(session, school_year=school_year, body=body, actor=actor)
    return job_accepted(request, job)


@router.get("/{org}/{school_year}/{number}", summary="教学增值计算依据与生源结构检查 / How it was computed")
async def read_teaching_effect_run(
    org: OrgCode, school_year: Year, number: Number, session: Session, actor: Reader
) -> RunOut:
    return run_out(await repository.run_by_number(session, actor, path_of(org), school_year, number))


@router.get("/{org}/{school_year}/{number}/schools", summary="各校教学增值概况 / Counts of schools, nobody's own")
async def read_teaching_effect_totals(
    org: OrgCode, school_year: Year, number: Number, session: Session, actor: Reader
) -> TotalsOut:
    run = await repository.run_by_number(session, actor, path_of(org), school_year, number)
    items = await service.totals(session, run=run, actor=actor)
    return TotalsOut(organization=org, school_year=school_year, number=number, items=items)


@own.get("", summary="本人教学增值 / The caller's own effect, beside those who teach the same")
async def read_own_teaching_effects(session: Session, actor: OwnReader) -> OwnEffectsOut:
    return OwnEffectsOut(items=await service.own_effects(session, actor))
