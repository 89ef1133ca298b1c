"""Routes of a school's evaluation: the board, entering, judging, steps."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlalchemy import false

from services.school_eval.campaigns.repository import campaign_by_code
from services.school_eval.campaigns.rules import CampaignState, knows_draw
from services.school_eval.evaluations import reading, repository
from services.school_eval.evaluations.evidence import counts_of
from services.school_eval.evaluations.rules import EvaluationState
from services.school_eval.evaluations.schemas import (
    BoardRowOut,
    EntriesIn,
    EntryOut,
    EvaluationOut,
    EvaluationSheetOut,
    JudgementsIn,
    MissingOut,
    ReturnIn,
    entry_out,
    evaluation_out,
)
from services.school_eval.evaluations.service import steps, values
from services.school_eval.evaluations.service.opened import Opened, open_for_reading, open_for_work, require_known
from services.school_eval.evaluations.tables import LeafEntry, SchoolEvaluation
from services.school_eval.permissions import PERMISSIONS
from shared.kernel.context import kernel_of
from shared.kernel.web.etag import etag
from shared.kernel.web.fields import CountyCode, OwnCode, Reason, SchoolCode, Strict
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.problems import fault_document, language_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kits.schemes.said import LeafCode
from shared.scoring.scheme.tree import Evaluator
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/campaigns/{code}/evaluations", tags=["evaluations"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("evaluations.read"))]
Code = Annotated[OwnCode, Path()]
School = Annotated[SchoolCode, Path()]


def _work(action: str) -> Callable[..., Awaitable[Opened]]:
    """A school's evaluation, opened for a step of those who may take it."""
    allowed = PERMISSIONS.requires(action)

    async def opened(
        code: Code, school_code: School, session: Session, actor: Annotated[Actor, Depends(allowed)]
    ) -> Opened:
        return await open_for_work(session, code=code, school_code=school_code, actor=actor)

    return opened


Entering = Annotated[Opened, Depends(_work("evaluations.enter"))]
Submitting = Annotated[Opened, Depends(_work("evaluations.submit"))]
Reviewing = Annotated[Opened, Depends(_work("evaluations.review"))]
Verifying = Annotated[Opened, Depends(_work("evaluations.verify"))]


class ReasonIn(Strict):
    """A step that needs a reason."""

    reason: Reason


@router.get("", summary="填报与复核进度 / The board: who has submitted what")
async def list_evaluations(
    code: Code,
    session: Session,
    actor: Reader,
    page: Paging,
    state: Annotated[EvaluationState | None, Query()] = None,
    county_code: Annotated[CountyCode | None, Query()] = None,
    is_drawn: Annotated[bool | None, Query(description="核验前限市级 / the city alone, until it has verified")] = None,
) -> Page[BoardRowOut]:
    campaign = await campaign_by_code(session, actor, code)
    statement = repository.board_of(actor, campaign.id)
    if state is not None:
        statement = statement.where(SchoolEvaluation.state == state)
    if county_code is not None:
        statement = statement.where(SchoolEvaluation.county_code == county_code)
    if is_drawn is not None:
        # Whoever may not know it beforehand would learn it from the answer.
        is_told = knows_draw(CampaignState(campaign.state), is_leading=actor.covers(campaign.org_path))
        statement = statement.where(SchoolEvaluation.is_drawn == is_drawn if is_told else false())
    return Page(**await reading.board(session, statement, page, campaign=campaign, actor=actor))


@router.get("/{school_code}", summary="学校评价表 / A school's evaluation with every leaf")
async def read_evaluation(
    code: Code, school_code: School, request: Request, response: Response, session: Session, actor: Reader
) -> EvaluationSheetOut:
    opened = await open_for_reading(session, code=code, school_code=school_code, actor=actor)
    response.headers["ETag"] = etag(opened.evaluation.version)
    return await reading.sheet_of(session, opened=opened, store=kernel_of(request).columns)


@router.get("/{school_code}/missing", summary="提交前还缺什么 / What is missing before the school can submit")
async def read_missing(
    code: Code, school_code: School, request: Request, session: Session, actor: Reader
) -> MissingOut:
    opened = await open_for_reading(session, code=code, school_code=school_code, actor=actor)
    faults = await steps.missing_of(session, opened=opened, with_evidence=await _files(session, opened))
    language = language_of(request.headers.get("accept-language"))
    return MissingOut(count=len(faults), items=[fault_document(fault, language) for fault in faults])


@router.get("/{school_code}/leaves/{leaf}/history", summary="指标数值沿革 / Everything said on a value")
async def list_history(
    code: Code,
    school_code: School,
    leaf: Annotated[LeafCode, Path()],
    session: Session,
    actor: Reader,
    page: Paging,
) -> Page[EntryOut]:
    opened = await open_for_reading(session, code=code, school_code=school_code, actor=actor)
    require_known(opened, [leaf], pointer="path:leaf")
    statement = repository.history_of(actor, opened.evaluation.id, leaf)
    which = opened.leaves[leaf]
    found = await fetch_page(session, statement, page, key=[LeafEntry.seq], present=lambda row: entry_out(row, which))
    return Page(**found)


@router.post("/{school_code}/values:enter", summary="学校填报 / The school enters values, all or none")
async def enter_values(opened: Entering, body: EntriesIn, response: Response, session: Session) -> EvaluationOut:
    await values.enter_values(session, opened=opened, items=body.items)
    return _answer(opened, response)


@router.post("/{school_code}/values:review", summary="县级复核指标 / The county confirms or changes values")
async def review_values(opened: Reviewing, body: JudgementsIn, response: Response, session: Session) -> EvaluationOut:
    await values.judge_values(session, opened=opened, items=body.items, evaluator=Evaluator.COUNTY)
    return _answer(opened, response)


@router.post("/{school_code}/values:verify", summary="市级核验指标 / The city confirms or changes values")
async def verify_values(opened: Verifying, body: JudgementsIn, response: Response, session: Session) -> EvaluationOut:
    await values.judge_values(session, opened=opened, items=body.items, evaluator=Evaluator.CITY)
    return _answer(opened, response)


@router.post("/{school_code}:submit", summary="提交自评 / Submit the self-evaluation")
async def submit_evaluation(opened: Submitting, response: Response, session: Session) -> EvaluationOut:
    await steps.submit(session, opened=opened, with_evidence=await _files(session, opened))
    return _answer(opened, response)


@router.post("/{school_code}:recall", summary="撤回提交 / Take a submission back")
async def recall_evaluation(opened: Submitting, response: Response, session: Session) -> EvaluationOut:
    await steps.recall(session, opened=opened)
    return _answer(opened, response)


@router.post("/{school_code}:return", summary="退回学校补正 / Return it to the school, saying what to mend")
async def return_evaluation(opened: Reviewing, body: ReturnIn, response: Response, session: Session) -> EvaluationOut:
    await steps.return_to_school(session, opened=opened, body=body)
    return _answer(opened, response)


@router.post("/{school_code}:review", summary="完成县级复核 / The county has judged everything")
async def finish_review(opened: Reviewing, response: Response, session: Session) -> EvaluationOut:
    await steps.finish_review(session, opened=opened)
    return _answer(opened, response)


@router.post("/{school_code}:reopen-review", summary="重新复核 / Take a review back, with a reason")
async def reopen_review(opened: Reviewing, body: ReasonIn, response: Response, session: Session) -> EvaluationOut:
    await steps.reopen_review(session, opened=opened, reason=body.reason)
    return _answer(opened, response)


@router.post("/{school_code}:verify", summary="完成市级核验 / The city has judged everything")
async def finish_verification(opened: Verifying, response: Response, session: Session) -> EvaluationOut:
    await steps.finish_verification(session, opened=opened)
    return _answer(opened, response)


async def _files(session: Session, opened: Opened) -> set[str]:
    return set(await counts_of(session, opened.actor, opened.campaign.code, opened.evaluation.school_code))


def _answer(opened: Opened, response: Response) -> EvaluationOut:
    response.headers["ETag"] = etag(opened.evaluation.version)
    return evaluation_out(opened.evaluation, opened.campaign, opened.actor)
