"""Routes of consents: the uses and their words, what pupils and guardians say, how a school stands."""

from typing import Annotated

import polars as pl
from fastapi import APIRouter, Depends, Path, Query

from services.student_eval.ages import StudentKey, age_of_student, ages_at
from services.student_eval.consents import service
from services.student_eval.consents.rules import Action, ConsentState
from services.student_eval.consents.schemas import (
    AnswerIn,
    OverviewOut,
    PurposesOut,
    UsesOut,
    WaitingListOut,
    WaitingOut,
    count_out,
    purposes_out,
    use_out,
)
from services.student_eval.enrolled import enrolled_at
from services.student_eval.guardianships.access import require_own
from services.student_eval.permissions import PERMISSIONS
from shared.kernel.audit.log import note
from shared.kernel.web.fields import SchoolYear
from shared.kernel.web.organizations import OrgCode
from shared.kernel.web.route import Session, TransactionalRoute
from shared.policy.student_consents import Basis
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, tags=["consents"])
_OWN, _ANSWER = PERMISSIONS.requires("consents.own"), PERMISSIONS.requires("consents.answer")
_READ = PERMISSIONS.requires("consents.read")
Anybody = Annotated[Actor, Depends(PERMISSIONS.requires("consents.purposes"))]
Person = Annotated[Actor, Depends(_OWN)]
Answerer = Annotated[Actor, Depends(_ANSWER)]
Reader = Annotated[Actor, Depends(_READ)]
Age = Annotated[int | None, Depends(age_of_student(_OWN))]
AgeOfAnswerer = Annotated[int | None, Depends(age_of_student(_ANSWER))]
Enrolled = Annotated[pl.DataFrame, Depends(enrolled_at(_READ))]
Ages = Annotated[dict[str, int], Depends(ages_at(_READ))]
Named = Annotated[pl.DataFrame, Depends(enrolled_at(_READ, is_named=True))]
Year = Annotated[SchoolYear, Path()]
Code = Annotated[str, Path(pattern=r"^[a-z][a-z_]{0,59}$")]
ADDRESS = "/consents/{student_key}"


@router.get("/consent-purposes", summary="数据用途、依据与告知文字 / Uses of pupils' data, their basis and their words")
async def list_purposes(actor: Anybody) -> PurposesOut:
    del actor
    return purposes_out()


@router.get(ADDRESS, summary="本人或被监护人的同意情况 / How the uses of one's own data stand")
async def read_uses(student_key: StudentKey, session: Session, actor: Person, age: Age) -> UsesOut:
    own = await require_own(session, actor, student_key)
    uses = await service.uses_of(session, actor, own, age)
    return UsesOut(student_key=student_key, items=[use_out(use) for use in uses])


@router.post(f"{ADDRESS}/{{purpose}}:give", summary="同意 / Say yes")
async def give_consent(
    student_key: StudentKey, purpose: Code, body: AnswerIn, session: Session, actor: Answerer, age: AgeOfAnswerer
) -> UsesOut:
    return await _said(session, actor, student_key, purpose, Action.GIVEN, body, age)


@router.post(f"{ADDRESS}/{{purpose}}:refuse", summary="不同意或撤回同意 / Say no, or take a yes back")
async def refuse_consent(
    student_key: StudentKey, purpose: Code, body: AnswerIn, session: Session, actor: Answerer, age: AgeOfAnswerer
) -> UsesOut:
    return await _said(session, actor, student_key, purpose, Action.REFUSED, body, age)


@router.post(f"{ADDRESS}/{{purpose}}:acknowledge", summary="已阅法定用途告知 / Have read of a use that is a duty")
async def acknowledge_use(
    student_key: StudentKey, purpose: Code, body: AnswerIn, session: Session, actor: Answerer, age: AgeOfAnswerer
) -> UsesOut:
    return await _said(session, actor, student_key, purpose, Action.ACKNOWLEDGED, body, age)


@router.get("/consent-overviews/{school_year}/{org}", summary="学校同意情况 / How uses stand at a school, in counts")
async def read_overview(
    school_year: Year, org: OrgCode, enrolled: Enrolled, ages: Ages, session: Session, actor: Reader
) -> OverviewOut:
    found = await service.standings(session, actor, enrolled, ages)
    items = [count_out(code, rows) for code, rows in found.items()]
    return OverviewOut(organization=org, school_year=school_year, items=items)


@router.get(
    "/consent-overviews/{school_year}/{org}/students",
    summary="按同意情况列出学生 / Pupils by how a use stands: whom to ask, whose no to heed (noted)",
)
async def list_by_state(
    school_year: Year,
    org: OrgCode,
    enrolled: Named,
    ages: Ages,
    session: Session,
    actor: Reader,
    purpose: Annotated[str, Query(max_length=60)],
    state: Annotated[ConsentState, Query()] = ConsentState.MISSING,
    class_code: Annotated[str | None, Query(max_length=40)] = None,
) -> WaitingListOut:
    use = service.purpose_of(purpose)
    if class_code is not None:
        enrolled = enrolled.filter(pl.col("class_code") == class_code)
    rows = [] if use.basis is Basis.STATUTORY else (await service.standings(session, actor, enrolled, ages))[purpose]
    names = dict(enrolled.select("student_key", pl.col("name").fill_null("")).iter_rows())
    items = [
        WaitingOut(
            student_key=each.student_key,
            name=names[each.student_key],
            class_code=each.class_code,
            missing=list(each.missing),
        )
        for each, stands in rows
        if stands is state
    ]
    if items:
        detail = {"count": len(items), "purpose": purpose, "state": state}
        note(session, actor, "consents.names_read", f"{school_year}/{org}", detail)
    return WaitingListOut(items=items)


async def _said(
    session: Session, actor: Actor, student_key: str, purpose: str, action: Action, body: AnswerIn, age: int | None
) -> UsesOut:
    own = await require_own(session, actor, student_key)
    await service.say(
        session,
        actor,
        own,
        purpose=service.purpose_of(purpose),
        action=action,
        seen_sha256=body.wording_sha256,
        age=age,
    )
    uses = await service.uses_of(session, actor, own, age)
    return UsesOut(student_key=student_key, items=[use_out(use) for use in uses])
