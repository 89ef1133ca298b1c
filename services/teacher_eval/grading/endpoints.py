"""Routes of grades and quotas."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from services.teacher_eval.cycles.schemas import StaffKey
from services.teacher_eval.cycles.service import SchoolOpened, open_school
from services.teacher_eval.evaluations.service.opened import note_read, open_member
from services.teacher_eval.grading import repository
from services.teacher_eval.grading.schemas import (
    AllotmentIn,
    ApprovalIn,
    DecisionOut,
    GradeRowOut,
    GradesIn,
    GradingOut,
    QuotaDecisionOut,
    QuotaOut,
    decision_out,
)
from services.teacher_eval.grading.service import quotas
from services.teacher_eval.grading.service.deciding import decide_grades
from services.teacher_eval.grading.service.standing import GradingStanding, standing_of
from services.teacher_eval.grading.tables import GradeDecision, QuotaDecision
from services.teacher_eval.permissions import PERMISSIONS
from shared.kernel.web.fields import OwnCode, SchoolCode
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.policy.annual_assessment import AnnualGrade, tracks
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/cycles/{code}/schools/{school_code}", tags=["grades"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("cycle_results.read"))]
Decider = Annotated[Actor, Depends(PERMISSIONS.requires("grades.decide"))]
Above = Annotated[Actor, Depends(PERMISSIONS.requires("grades.decide_above"))]
Office = Annotated[Actor, Depends(PERMISSIONS.requires("quotas.decide"))]
Code = Annotated[OwnCode, Path()]
School = Annotated[SchoolCode, Path()]


@router.get("/grades", summary="档次建议与确定情况 / Grades proposed and decided, and the quota")
async def read_grading(code: Code, school_code: School, session: Session, actor: Reader) -> GradingOut:
    opened = await open_school(session, code=code, school_code=school_code, actor=actor)
    note_read(session, opened, "grades")
    return _grading_out(opened, await standing_of(session, opened=opened))


@router.post("/grades:decide", summary="确定档次 / A person decides grades, all or none")
async def decide_school_grades(
    code: Code, school_code: School, body: GradesIn, session: Session, actor: Decider
) -> GradingOut:
    opened = await open_school(session, code=code, school_code=school_code, actor=actor, is_locked=True)
    return _grading_out(opened, await decide_grades(session, opened=opened, items=body.items, graded_by="school"))


@router.post("/grades:decide-above", summary="县级确定校长档次 / The county decides grades of principals")
async def decide_grades_above(
    code: Code, school_code: School, body: GradesIn, session: Session, actor: Above
) -> GradingOut:
    opened = await open_school(session, code=code, school_code=school_code, actor=actor, is_locked=True)
    return _grading_out(opened, await decide_grades(session, opened=opened, items=body.items, graded_by="county"))


@router.get("/members/{staff_key}/grades", summary="档次确定沿革 / Every decision on one person's grade")
async def list_grade_decisions(
    code: Code,
    school_code: School,
    staff_key: Annotated[StaffKey, Path()],
    session: Session,
    actor: Reader,
    page: Paging,
) -> Page[DecisionOut]:
    opened = await open_member(session, code=code, school_code=school_code, staff_key=staff_key, actor=actor)
    rows = repository.history_of(actor, opened.member.id)
    return Page(**await fetch_page(session, rows, page, key=[GradeDecision.seq], present=decision_out))


@router.post("/quota:approve", summary="登记提高优秀比例的批准文件 / Record an approval that raises the share")
async def approve_quota(
    code: Code, school_code: School, body: ApprovalIn, session: Session, actor: Office
) -> QuotaDecisionOut:
    opened = await open_school(session, code=code, school_code=school_code, actor=actor, is_locked=True)
    return _quota_out(await quotas.approve_rate(session, opened=opened, body=body))


@router.post("/quota:allot", summary="分配优秀名额 / Give a school its part of the county's quota")
async def allot_quota(
    code: Code, school_code: School, body: AllotmentIn, session: Session, actor: Office
) -> QuotaDecisionOut:
    opened = await open_school(session, code=code, school_code=school_code, actor=actor, is_locked=True)
    return _quota_out(await quotas.allot_seats(session, opened=opened, body=body))


def _quota_out(row: QuotaDecision) -> QuotaDecisionOut:
    return QuotaDecisionOut(rate=row.rate, seats=row.seats, document=row.document, decided_at=row.decided_at)


def _grading_out(opened: SchoolOpened, standing: GradingStanding) -> GradingOut:
    outdated = {*standing.outdated, *standing.above_cap}
    proposed = sum(each.grade is AnnualGrade.EXCELLENT for each in standing.proposed.values())
    people = []
    for row in standing.members:
        proposal, decided = standing.proposed.get(row.staff_key), standing.decided.get(row.staff_key)
        people.append(
            GradeRowOut(
                staff_key=row.staff_key,
                name=row.name,
                track=row.track,
                group=row.group,
                graded_by=tracks()[row.track].graded_by,
                total=row.total,
                cap=standing.caps.get(row.staff_key),
                proposed=proposal.grade if proposal else None,
                note=proposal.note if proposal else None,
                grade=AnnualGrade(decided.grade) if decided else None,
                reason=decided.reason if decided else None,
                is_outdated=row.staff_key in outdated,
            )
        )
    quota = standing.quota
    return GradingOut(
        cycle=opened.cycle.code,
        school_code=opened.school.school_code,
        version=standing.result.version,
        quota=QuotaOut(
            base=quota.base,
            rate=quota.rate,
            seats=quota.seats,
            is_allotted=quota.is_allotted,
            excellent=standing.excellent(),
            proposed=proposed,
            open_seats=max(quota.seats - proposed, 0),
        ),
        missing=len(standing.missing),
        outdated=len(outdated),
        people=people,
    )
