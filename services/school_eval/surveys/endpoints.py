"""Routes of surveys: questionnaires, rounds, links, scores; and the two that need no token."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.school_eval.permissions import PERMISSIONS
from services.school_eval.surveys import repository, service
from services.school_eval.surveys.schemas import (
    AnswerForm,
    AnswerIn,
    QuestionnaireOut,
    RoundIn,
    RoundOut,
    ScoresOut,
    SurveyedSchoolIn,
    SurveyedSchoolOut,
    TextsOut,
    ThanksOut,
    TicketsIn,
    TicketsOut,
    questionnaire_out,
    round_out,
    surveyed_out,
)
from services.school_eval.surveys.scores import county_list, school_list, scored_schools, texts_of, whole
from services.school_eval.surveys.tables import SurveyedSchool, SurveyRound
from shared.kernel.context import kernel_of
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.fields import OwnCode
from shared.kernel.web.organizations import OrgCode, code_of, path_of
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.permissions import public
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kits.surveys.links import Secret, respondent
from shared.kits.surveys.questions import QuestionnaireIn, SurveyItem
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

questionnaires = APIRouter(route_class=TransactionalRoute, prefix="/questionnaires", tags=["surveys"])
rounds = APIRouter(route_class=TransactionalRoute, prefix="/survey-rounds", tags=["surveys"])
answering = APIRouter(
    route_class=TransactionalRoute, prefix="/public-surveys", tags=["surveys"], dependencies=[Depends(public)]
)
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("surveys.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("surveys.write"))]
Inviter = Annotated[Actor, Depends(PERMISSIONS.requires("surveys.invite"))]
TextReader = Annotated[Actor, Depends(PERMISSIONS.requires("survey_texts.read"))]
Number = Annotated[int, Path(ge=1)]
_NOTICE_ZH = (
    "本问卷不记名：不保存姓名、账号、网络地址、设备信息和提交时刻，只保存答案和日期。答卷人数不足时不显示结果。"
)
_NOTICE_EN = (
    "This survey is anonymous: no name, account, network address, device or hour is kept, only the answers and the day. "
    "Nothing is shown where few have answered."
)


@questionnaires.put("/{code}", summary="写入问卷（新版本） / Write a questionnaire as a new version")
async def put_questionnaire(
    code: OwnCode, body: QuestionnaireIn, response: Response, session: Session, actor: Writer
) -> QuestionnaireOut:
    row, is_new = await service.put_questionnaire(session, code=code, body=body, actor=actor)
    response.status_code = 201 if is_new else 200
    return questionnaire_out(row)


@questionnaires.get("/{code}/{number}", summary="问卷 / Read a version of a questionnaire")
async def read_questionnaire(code: OwnCode, number: Number, session: Session, actor: Reader) -> QuestionnaireOut:
    return questionnaire_out(await repository.questionnaire(session, actor, code, number))


@rounds.get("", summary="调查列表 / List survey rounds")
async def list_rounds(session: Session, actor: Reader, page: Paging) -> Page[RoundOut]:
    found = await fetch_page(session, repository.all_rounds(actor), page, key=[SurveyRound.id], present=lambda row: row)
    items = [round_out(row, await repository.questionnaire_of(session, actor, row)) for row in found["items"]]
    return Page(items=items, next_cursor=found["next_cursor"])


@rounds.get("/{code}", summary="调查 / Read a survey round")
async def read_round(code: OwnCode, response: Response, session: Session, actor: Reader) -> RoundOut:
    row = await repository.round_by_code(session, actor, code)
    response.headers["ETag"] = etag(row.version)
    return round_out(row, await repository.questionnaire_of(session, actor, row))


@rounds.put("/{code}", summary="写入调查 / Write a survey round (If-Match on a known one)")
async def put_round(
    code: OwnCode, body: RoundIn, request: Request, response: Response, session: Session, actor: Writer
) -> RoundOut:
    row = await repository.own_round_for_update(session, actor, code)
    if row is not None:
        require_match(request, row.version)
    row, is_new = await service.put_round(session, code=code, body=body, row=row, actor=actor)
    response.status_code = 201 if is_new else 200
    response.headers["ETag"] = etag(row.version)
    return round_out(row, await repository.questionnaire_of(session, actor, row))


@rounds.get("/{code}/schools", summary="参加学校与回收数 / Schools of a round and how many answered")
async def list_surveyed_schools(
    code: OwnCode, session: Session, actor: Inviter, page: Paging
) -> Page[SurveyedSchoolOut]:
    row = await repository.round_by_code(session, actor, code)
    statement = repository.schools_of(actor, row)
    return Page(**await fetch_page(session, statement, page, key=[SurveyedSchool.id], present=surveyed_out))


@rounds.put("/{code}/schools/{org}", summary="邀请学校 / Take a school into a round; its link is told once")
async def put_surveyed_school(
    code: OwnCode, org: OrgCode, body: SurveyedSchoolIn, request: Request, session: Session, actor: Inviter
) -> SurveyedSchoolOut:
    survey = await repository.round_by_code(session, actor, code)
    path = _school_path(org)
    row, secret = await service.put_school(session, survey=survey, org_path=path, body=body, actor=actor)
    return surveyed_out(row, None if secret is None else _link(request, row.org_path, secret))


@rounds.post("/{code}/schools/{org}:tickets", status_code=201, summary="生成一次性链接 / Links for one answer each")
async def make_tickets(
    code: OwnCode, org: OrgCode, body: TicketsIn, request: Request, session: Session, actor: Inviter
) -> TicketsOut:
    survey = await repository.round_by_code(session, actor, code)
    school = await repository.school_for_update(session, actor, survey, _school_path(org))
    if school is None:
        raise DomainError("resource.not_found", params={"what": f"surveyed school {org}"})
    made = await service.make_tickets(session, survey=survey, school=school, count=body.count, actor=actor)
    return TicketsOut(links=[_link(request, school.org_path, secret) for secret in made])


@rounds.get("/{code}/scores", summary="满意度 / Scores with errors and response rates")
async def read_scores(
    code: OwnCode,
    session: Session,
    actor: Reader,
    level: Annotated[Literal["school", "county", "own"], Query(description="own：本机构整体")] = "school",
) -> ScoresOut:
    survey = await repository.round_by_code(session, actor, code)
    asked = await repository.questionnaire_of(session, actor, survey)
    scores, schools = await scored_schools(session, survey=survey, questionnaire=asked, actor=actor, below=actor.org)
    if level == "own":
        items = [whole(code_of(actor.org), scores, min_n=survey.min_n)]
    else:
        listed = school_list if level == "school" else county_list
        items = listed(scores, schools, min_n=survey.min_n)
    return ScoresOut(round=code, audience=service.audience_of(survey), level=level, items=items)


@rounds.get("/{code}/texts/{item}", summary="文字意见 / What was written, in no order")
async def read_texts(code: OwnCode, item: OwnCode, session: Session, actor: TextReader) -> TextsOut:
    survey = await repository.round_by_code(session, actor, code)
    asked = await repository.questionnaire_of(session, actor, survey)
    return await texts_of(session, survey=survey, questionnaire=asked, item=item, actor=actor, below=actor.org)


@answering.get("/{org}/{secret}", summary="打开问卷 / Open a survey by its link (no account)")
async def open_survey(org: OrgCode, secret: Secret, request: Request) -> AnswerForm:
    path = _school_path(org)
    async with kernel_of(request).database.transaction(path) as session:
        invitation = await service.open_link(session, secret=secret, actor=respondent(path))
        content = invitation.questionnaire.content
        return AnswerForm(
            name=content["name"],
            audience=service.audience_of(invitation.survey),
            items=[SurveyItem.model_validate(item) for item in content["items"]],
            closes_on=invitation.survey.closes_on,
            notice_zh=_NOTICE_ZH,
            notice_en=_NOTICE_EN,
        )


@answering.post("/{org}/{secret}", status_code=201, summary="提交答卷 / Answer (no account)")
async def answer_survey(org: OrgCode, secret: Secret, body: AnswerIn, request: Request) -> ThanksOut:
    path = _school_path(org)
    async with kernel_of(request).database.transaction(path) as session:
        invitation = await service.open_link(session, secret=secret, actor=respondent(path))
        await service.take_answer(session, invitation=invitation, answers=body.answers)
    return ThanksOut()


def _school_path(org: str) -> str:
    if "-" not in org:
        raise DomainError("survey.schools_only", params={"organization": org})
    return path_of(org)


def _link(request: Request, org_path: str, secret: str) -> str:
    root = "/".join(request.url.path.split("/")[:4])
    return f"{root}/public-surveys/{code_of(org_path)}/{secret}"
