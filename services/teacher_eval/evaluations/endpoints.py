"""Routes of evaluations as those above see and judge them."""

import uuid
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.teacher_eval.cycles.endpoints import answer_school
from services.teacher_eval.cycles.repository import all_members
from services.teacher_eval.cycles.schemas import MemberOut, SchoolCycleOut, StaffKey, member_out
from services.teacher_eval.cycles.service import open_school
from services.teacher_eval.evaluations import reading, repository
from services.teacher_eval.evaluations.rules import DisputeState, Judge
from services.teacher_eval.evaluations.schemas import (
    BallotsIn,
    DecisionIn,
    DisputeOut,
    EntryOut,
    JudgementsIn,
    MaterialOut,
    ReasonIn,
    SheetOut,
    dispute_out,
    entry_out,
)
from services.teacher_eval.evaluations.service import disputes, steps, values
from services.teacher_eval.evaluations.service.opened import Opened, leaf_of, note_read, open_member
from services.teacher_eval.evaluations.tables import EvaluationEntry, FigureDispute
from services.teacher_eval.permissions import PERMISSIONS
from shared.kernel.context import kernel_of
from shared.kernel.web.fields import OwnCode, SchoolCode
from shared.kernel.web.paging import Page, Paging, fetch_page, page_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kits.schemes.said import LeafCode
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/cycles/{code}/schools/{school_code}", tags=["evaluations"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("evaluations.read"))]
Colleague = Annotated[Actor, Depends(PERMISSIONS.requires("cycles.read"))]
Assessor = Annotated[Actor, Depends(PERMISSIONS.requires("evaluations.assess"))]
Decider = Annotated[Actor, Depends(PERMISSIONS.requires("disputes.decide"))]
Code = Annotated[OwnCode, Path()]
School = Annotated[SchoolCode, Path()]
_PERSON = "/members/{staff_key}"


def _work(action: str) -> Callable[..., Awaitable[Opened]]:
    """Somebody's evaluation, opened for a step of those who may take it."""
    allowed = PERMISSIONS.requires(action)

    async def opened(
        code: Code,
        school_code: School,
        staff_key: Annotated[StaffKey, Path()],
        session: Session,
        actor: Annotated[Actor, Depends(allowed)],
    ) -> Opened:
        found = {"code": code, "school_code": school_code, "staff_key": staff_key}
        return await open_member(session, **found, actor=actor, is_locked=True)

    return opened


Assessing = Annotated[Opened, Depends(_work("evaluations.assess"))]
Above = Annotated[Opened, Depends(_work("evaluations.assess_above"))]


@router.get(f"{_PERSON}/evaluation", summary="教师考核表 / Somebody's evaluation with every leaf")
async def read_evaluation(
    code: Code,
    school_code: School,
    staff_key: Annotated[StaffKey, Path()],
    request: Request,
    session: Session,
    actor: Reader,
) -> SheetOut:
    opened = await open_member(session, code=code, school_code=school_code, staff_key=staff_key, actor=actor)
    note_read(session, opened, "evaluation")
    return await reading.sheet_of(session, opened=opened, store=kernel_of(request).columns)


@router.get(f"{_PERSON}/leaves/{{leaf}}/history", summary="指标数值沿革 / Everything said on a value")
async def list_history(
    code: Code,
    school_code: School,
    staff_key: Annotated[StaffKey, Path()],
    leaf: Annotated[LeafCode, Path()],
    session: Session,
    actor: Reader,
    page: Paging,
) -> Page[EntryOut]:
    opened = await open_member(session, code=code, school_code=school_code, staff_key=staff_key, actor=actor)
    which = leaf_of(opened, leaf)
    found = await fetch_page(
        session,
        repository.history_of(actor, opened.member.id, leaf),
        page,
        key=[EvaluationEntry.seq],
        present=lambda row: entry_out(row, which),
    )
    return Page(**found)


@router.post(f"{_PERSON}/values:assess", summary="学校综合评定指标 / The school's group judges values")
async def assess_values(opened: Assessing, body: JudgementsIn, request: Request, session: Session) -> SheetOut:
    await values.judge_values(session, opened=opened, judge=Judge.SCHOOL, items=body.items)
    return await reading.sheet_of(session, opened=opened, store=kernel_of(request).columns)


@router.post(f"{_PERSON}/values:assess-above", summary="县级评定指标 / The county judges values")
async def assess_values_above(opened: Above, body: JudgementsIn, request: Request, session: Session) -> SheetOut:
    await values.judge_values(session, opened=opened, judge=Judge.COUNTY, items=body.items)
    return await reading.sheet_of(session, opened=opened, store=kernel_of(request).columns)


@router.post(f"{_PERSON}:return", summary="退回自评 / Return a self-evaluation, with a reason")
async def return_evaluation(opened: Assessing, body: ReasonIn, session: Session) -> MemberOut:
    await steps.return_to_person(session, opened=opened, reason=body.reason)
    return member_out(opened.member)


@router.post(f"{_PERSON}:review-material", summary="审核述职材料 / A leader's material has been looked at")
async def review_material(opened: Assessing, session: Session) -> MemberOut:
    await steps.take_material_step(session, opened=opened, step="material_reviewed")
    return member_out(opened.member)


@router.post(f"{_PERSON}:show-material", summary="校内公示述职材料 / A leader's material is shown to the school")
async def show_material(opened: Assessing, session: Session) -> MemberOut:
    await steps.take_material_step(session, opened=opened, step="material_shown")
    return member_out(opened.member)


@router.get("/materials", summary="公示中的述职材料 / Leaders' reports as shown to the school")
async def list_materials(
    code: Code, school_code: School, session: Session, actor: Colleague, page: Paging
) -> Page[MaterialOut]:
    opened = await open_school(session, code=code, school_code=school_code, actor=actor)
    rows = [row for row in await all_members(session, actor, opened.school) if "material_shown" in row.done]
    shown = [
        MaterialOut(
            staff_key=row.staff_key,
            name=row.name,
            track=row.track,
            statement=row.statement,
            shown_at=row.done["material_shown"],
        )
        for row in rows
    ]
    return Page(**page_of(shown, page, key=lambda row: row.staff_key))


@router.post("/values:appraise", summary="录入民主测评结果 / The outcome of a democratic appraisal, all or none")
async def record_ballots(
    code: Code, school_code: School, body: BallotsIn, response: Response, session: Session, actor: Assessor
) -> SchoolCycleOut:
    opened = await open_school(session, code=code, school_code=school_code, actor=actor, is_locked=True)
    await values.record_ballots(session, opened=opened, leaf=body.leaf, source=body.source, items=body.items)
    return await answer_school(session, opened, response)


@router.get("/disputes", summary="数据异议列表 / Disputes over figures filled in")
async def list_disputes(
    code: Code,
    school_code: School,
    session: Session,
    actor: Reader,
    page: Paging,
    state: Annotated[DisputeState | None, Query()] = None,
) -> Page[DisputeOut]:
    opened = await open_school(session, code=code, school_code=school_code, actor=actor)
    statement = repository.disputes_of(actor, opened.school.id)
    if state is not None:
        statement = statement.where(FigureDispute.state == state)
    found = await fetch_page(
        session, statement, page, key=[FigureDispute.id], present=lambda row: dispute_out(row, actor)
    )
    return Page(**found)


@router.post(
    "/disputes/{dispute_id}:accept", summary="采纳数据异议 / Accept a dispute; with a value, that value counts"
)
async def accept_dispute(
    code: Code, school_code: School, dispute_id: uuid.UUID, body: DecisionIn, session: Session, actor: Decider
) -> DisputeOut:
    return await _decide(session, code, school_code, dispute_id, body, "accept", actor)


@router.post("/disputes/{dispute_id}:refuse", summary="不采纳数据异议 / Refuse a dispute, with a reason")
async def refuse_dispute(
    code: Code, school_code: School, dispute_id: uuid.UUID, body: DecisionIn, session: Session, actor: Decider
) -> DisputeOut:
    return await _decide(session, code, school_code, dispute_id, body, "refuse", actor)


async def _decide(
    session: Session, code: str, school_code: str, dispute_id: uuid.UUID, body: DecisionIn, step: str, actor: Actor
) -> DisputeOut:
    opened = await open_school(session, code=code, school_code=school_code, actor=actor, is_locked=True)
    row = await repository.dispute_for_update(session, actor, opened.school.id, dispute_id)
    return dispute_out(await disputes.decide(session, opened=opened, row=row, step=step, body=body), actor)
