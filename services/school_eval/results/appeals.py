"""Appeals of schools against their own results, and what a ruling changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import Field, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.campaigns.repository import campaign_by_code
from services.school_eval.campaigns.rules import CampaignState
from services.school_eval.evaluations import repository as evaluations
from services.school_eval.evaluations.rules import (
    Judge,
)
from services.school_eval.evaluations.service.opened import Opened, open_for_reading, open_for_work, require_known
from services.school_eval.evaluations.service.values import set_value
from services.school_eval.permissions import PERMISSIONS
from services.school_eval.results.service.computing import ask_computation
from services.school_eval.results.tables import SchoolAppeal, SchoolAppealMessage
from shared.kernel import clock
from shared.kernel.database.repository import visible
from shared.kernel.web.fields import OwnCode, SchoolCode, Strict
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kernel.web.validation import validation_problem
from shared.kits.appeals.endpoints import appeals_router
from shared.kits.appeals.schemas import AppealOut, Reading
from shared.kits.appeals.service import Appeals
from shared.kits.appeals.tables import Appeal
from shared.kits.schemes.said import LeafCode, Value
from shared.kits.subject import Subject
from shared.scoring.scheme.entered_values import applies, canonical
from shared.terms.actor import Actor
from shared.terms.errors import DomainError, Fault
from shared.workflow.appeals import AppealState

KIND = "school_result"
HANDLE = "appeals.handle"
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("evaluations.read"))]
Appellant = Annotated[Actor, Depends(PERMISSIONS.requires("appeals.submit"))]
Handler = Annotated[Actor, Depends(PERMISSIONS.requires(HANDLE))]
Code = Annotated[OwnCode, Path()]
School = Annotated[SchoolCode, Path()]
ADDRESS = "/campaigns/{code}/evaluations/{school_code}/appeals"


class ChangedValueIn(Strict):
    """A value that a ruling orders."""

    leaf: LeafCode
    value: Value


class EffectIn(Strict):
    """What a ruling changes: values of the school, nothing else; everything that follows is computed."""

    values: list[ChangedValueIn] = Field(min_length=1, max_length=100)


async def apply_ruling(
    session: AsyncSession, actor: Actor, appeal: Appeal, effect: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Puts the values of a ruling in force and asks for the results to be computed anew, in the ruling's transaction.

    Raises:
        DomainError: ``request.invalid`` with every fault; ``campaign.not_now`` once results are published.
    """
    try:
        ordered = EffectIn.model_validate(dict(effect))
    except ValidationError as error:
        raise validation_problem(
            [{**each, "loc": ("body", "effect", *each["loc"])} for each in error.errors()]
        ) from error
    code, _, school = appeal.subject_key.partition("/")
    opened = await open_for_work(session, code=code, school_code=school, actor=actor)
    opened.require_campaign(CampaignState.IN_PUBLICITY, is_timed=False)
    require_known(opened, [item.leaf for item in ordered.values], pointer="/effect/values/{place}/leaf")
    held = await evaluations.values_of(session, actor, opened.evaluation.id)
    changed = []
    for place, item in enumerate(ordered.values):
        value = _value(opened, item, place)
        reason = f"申诉裁定 / ruling of appeal {appeal.id}"
        await set_value(session, opened=opened, leaf=item.leaf, value=value, judge=Judge.RULING, reason=reason)
        before = held[item.leaf].value if item.leaf in held else None
        changed.append({"leaf": item.leaf, "before": before, "after": value})
    job = await ask_computation(
        session, row=opened.campaign, actor=actor, reason=f"appeal {appeal.id}", appeal_id=appeal.id
    )
    return {"values": changed, "job": str(job.id)}


def _value(opened: Opened, item: ChangedValueIn, place: int) -> str | None:
    leaf = opened.leaves[item.leaf]
    params, pointer = {"leaf": leaf.code}, f"/effect/values/{place}"
    if not applies(leaf, opened.evaluation.attributes):
        fault = Fault("evaluation.leaf_not_judged", pointer=f"{pointer}/leaf", params=params)
        raise DomainError("request.invalid", faults=[fault])
    try:
        return canonical(leaf, item.value)
    except ValueError as error:
        allowed = str(error)
        fault = Fault(
            "evaluation.value_invalid",
            pointer=f"{pointer}/value",
            allowed=allowed,
            params=params | {"allowed": allowed},
        )
        raise DomainError("request.invalid", faults=[fault]) from error


async def _read(code: Code, school_code: School, session: Session, actor: Reader) -> Subject:
    return _subject(await open_for_reading(session, code=code, school_code=school_code, actor=actor))


async def _appeal(code: Code, school_code: School, request: Request, session: Session, actor: Appellant) -> Subject:
    opened = await open_for_work(session, code=code, school_code=school_code, actor=actor)
    if request.url.path.endswith("/appeals"):
        # Submitted while results are shown; what follows has deadlines of its own.
        opened.require_campaign(CampaignState.IN_PUBLICITY)
    return _subject(opened)


async def _handle(code: Code, school_code: School, session: Session, actor: Handler) -> Subject:
    return _subject(await open_for_reading(session, code=code, school_code=school_code, actor=actor))


def _subject(opened: Opened) -> Subject:
    key = f"{opened.campaign.code}/{opened.evaluation.school_code}"
    return Subject(KIND, key, opened.evaluation.org_path, opened.actor)


APPEALS = Appeals(SchoolAppeal, SchoolAppealMessage, apply=apply_ruling)
router = appeals_router(
    APPEALS,
    prefix=ADDRESS,
    name="school",
    reader=_read,
    appellant=_appeal,
    handler=_handle,
    may_handle=PERMISSIONS.grants[HANDLE].allows,
)

listed = APIRouter(route_class=TransactionalRoute, prefix="/campaigns/{code}/appeals", tags=["appeals"])


@listed.get(
    "", name="list_campaign_appeals", summary="全部申诉 / Every appeal of a campaign, as far as the caller sees"
)
async def list_campaign_appeals(
    code: Code,
    session: Session,
    actor: Reader,
    page: Paging,
    state: Annotated[AppealState | None, Query()] = None,
) -> Page[AppealOut]:
    await campaign_by_code(session, actor, code)
    statement = visible(SchoolAppeal, actor).where(
        SchoolAppeal.subject_type == KIND, SchoolAppeal.subject_key.startswith(f"{code}/", autoescape=True)
    )
    if state is not None:
        statement = statement.where(SchoolAppeal.state == state)
    reading = Reading(APPEALS.parties, actor, may_handle=PERMISSIONS.grants[HANDLE].allows(actor), at=clock.now())
    if not PERMISSIONS.grants[HANDLE].allows(actor):
        statement = statement.where(SchoolAppeal.appellant_org == actor.org)
    return Page(**await fetch_page(session, statement, page, key=[SchoolAppeal.id], present=reading.out))
