"""Routes of the rules of early warnings."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from services.monitoring.permissions import PERMISSIONS
from services.monitoring.warning_rules import repository, service
from services.monitoring.warning_rules.schemas import (
    ParametersHistoryOut,
    ParametersIn,
    ParametersOut,
    WarningRulesOut,
    parameters_out,
    rule_out,
)
from shared.kernel.web.etag import etag, not_modified, require_match
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/warning-rules", tags=["warnings"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("warning_rules.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("warning_rules.write"))]
RuleCode = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,59}$")]


@router.get("", summary="预警规则与准确率 / Rules of early warnings and how precise they are")
async def list_warning_rules(session: Session, actor: Reader) -> WarningRulesOut:
    return WarningRulesOut(items=[rule_out(record) for record in await service.list_rules(session, actor=actor)])


@router.get(
    "/{code}/parameters", response_model=ParametersHistoryOut, summary="规则参数沿革 / Parameters ever set for a rule"
)
async def list_parameters(code: RuleCode, request: Request, response: Response, session: Session, actor: Reader) -> Any:
    rule = service.rule_by_code(code)
    rows = await repository.parameters_of(session, actor, rule.code)
    response.headers["ETag"] = tag = etag(_version(rows, actor))
    return not_modified(request, tag) or ParametersHistoryOut(items=[parameters_out(row) for row in rows])


@router.put(
    "/{code}/parameters",
    summary="设定规则参数 / Set a rule's parameters from a day on (If-Match: the ETag they were read with)",
)
async def put_parameters(
    code: RuleCode, body: ParametersIn, request: Request, response: Response, session: Session, actor: Writer
) -> ParametersOut:
    rule = service.rule_by_code(code)
    require_match(request, _version(await repository.own_parameters_for_update(session, actor, rule.code), actor))
    row = await service.set_parameters(
        session,
        code=code,
        actor=actor,
        parameters=body.parameters,
        in_force_from=body.in_force_from,
        reason=body.reason,
    )
    rows = await repository.own_parameters_for_update(session, actor, rule.code)
    response.headers["ETag"] = etag(_version(rows, actor))
    return parameters_out(row)


def _version(rows: Any, actor: Actor) -> int:
    """Counts up with every change of what the actor's own organization set."""
    return sum(row.version for row in rows if row.org_path == actor.org)
