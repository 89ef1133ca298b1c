"""Routes of coverage boards and targets."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.title_coverage import repository, service
from services.teacher_eval.title_coverage.schemas import CoverageOut, GoalsOut, TargetIn, TargetOut, target_out
from services.teacher_eval.title_coverage.tables import TitleTarget
from shared.kernel import clock
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.fields import OwnCode
from shared.kernel.web.organizations import OrgCode, path_of
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/title-coverage", tags=["titles"])
targets = APIRouter(route_class=TransactionalRoute, prefix="/title-targets", tags=["titles"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("title_coverage.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("title_targets.write"))]
By = Annotated[Literal["county_code", "school_code", "stages", "is_rural", "subject"], Query()]
GoalYear = Annotated[int, Path(ge=2020, le=2100)]
Code = Annotated[OwnCode, Path()]


@router.get("/goals", summary="规划目标进展 / Numbers that plans fix, and where they stand")
async def read_goals(
    session: Session, actor: Reader, year: Annotated[int | None, Query(ge=2020, le=2100)] = None
) -> GoalsOut:
    return await service.goals(session, year=year or clock.today().year, actor=actor)


@router.get("/{ladder}/{rung}", summary="梯级覆盖 / Holders of a rung by group, over everybody on active staff")
async def read_coverage(
    ladder: Code, rung: Code, session: Session, actor: Reader, by: By = "county_code"
) -> CoverageOut:
    return await service.coverage(session, ladder=ladder, rung=rung, by=by, actor=actor)


@targets.get("", summary="梯级目标列表 / List targets with how many hold the rung today")
async def list_targets(session: Session, actor: Reader, page: Paging) -> Page[TargetOut]:
    statement = repository.targets_of(actor)
    found = await fetch_page(session, statement, page, key=[TitleTarget.id], present=lambda row: row)
    items = [await _out(session, row, actor) for row in found["items"]]
    return Page(items=items, next_cursor=found["next_cursor"])


@targets.put("/{org}/{ladder}/{rung}/{goal_year}", summary="写入梯级目标 / Write a target (If-Match on a known one)")
async def put_target(
    org: OrgCode,
    ladder: Code,
    rung: Code,
    goal_year: GoalYear,
    body: TargetIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Writer,
) -> TargetOut:
    path = path_of(org)
    row = await repository.target_for_update(session, actor, path, ladder, rung, goal_year)
    if row is not None:
        require_match(request, row.version)
    row, is_new = await service.put_target(
        session, org_path=path, ladder=ladder, rung=rung, goal_year=goal_year, body=body, row=row, actor=actor
    )
    response.status_code = 201 if is_new else 200
    response.headers["ETag"] = etag(row.version)
    return await _out(session, row, actor)


async def _out(session: Session, row: TitleTarget, actor: Actor) -> TargetOut:
    held = await repository.held_count(session, actor, row.org_path, ladder=row.ladder, rung=row.rung)
    return target_out(row, held)
