"""Routes of scenarios."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.teacher_eval.pay_pools.repository import pool_by_code
from services.teacher_eval.pay_runs import repository
from services.teacher_eval.pay_runs.scenario_schemas import ScenariosIn
from services.teacher_eval.pay_runs.schemas import ScenarioOut, scenario_out
from services.teacher_eval.pay_runs.service import scenarios
from services.teacher_eval.pay_runs.tables import PayScenario
from services.teacher_eval.permissions import PERMISSIONS
from shared.kernel.context import kernel_of
from shared.kernel.web.fields import OwnCode
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, tags=["performance pay"])
Computer = Annotated[Actor, Depends(PERMISSIONS.requires("pay_runs.compute"))]
ScenarioId = Annotated[uuid.UUID, Path()]


@router.post(
    "/pay-pools/{code}/scenarios",
    responses={201: {"model": ScenarioOut, "description": "已保存 / saved"}},
    summary="测算并对比方案 / Run plans side by side, saved or not",
)
async def run_pay_scenarios(
    code: Annotated[OwnCode, Path()],
    body: ScenariosIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Computer,
) -> ScenarioOut:
    pool = await pool_by_code(session, actor, code)
    store = kernel_of(request).columns
    row = await scenarios.run_scenarios(session, pool=pool, body=body, store=store, actor=actor)
    response.status_code = 201 if body.save else 200
    found = scenario_out(row)
    return found if body.save else found.model_copy(update={"id": None})


@router.get("/pay-scenarios", summary="已保存的测算 / Saved scenarios")
async def list_pay_scenarios(
    session: Session, actor: Computer, page: Paging, pool: Annotated[str | None, Query(max_length=60)] = None
) -> Page[ScenarioOut]:
    statement = repository.scenarios_of(actor, pool)
    return Page(**await fetch_page(session, statement, page, key=[PayScenario.id], present=scenario_out))


@router.get("/pay-scenarios/{scenario_id}", summary="已保存的测算 / Read a saved scenario")
async def read_pay_scenario(scenario_id: ScenarioId, session: Session, actor: Computer) -> ScenarioOut:
    return scenario_out(await repository.scenario_by_id(session, actor, scenario_id))


@router.delete("/pay-scenarios/{scenario_id}", status_code=204, summary="丢弃测算 / Throw a saved scenario away")
async def delete_pay_scenario(scenario_id: ScenarioId, session: Session, actor: Computer) -> Response:
    row = await repository.scenario_by_id(session, actor, scenario_id)
    await scenarios.throw_away(session, row=row, actor=actor)
    return Response(status_code=204)
