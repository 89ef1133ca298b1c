"""Routes of ratings: questionnaires, rounds, groups, tickets, closing, figures."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.ratings import reading, repository
from services.teacher_eval.ratings.rules import Audience
from services.teacher_eval.ratings.schemas import (
    ClosingOut,
    FigureOut,
    GroupIn,
    GroupOut,
    LinksOut,
    OwnFiguresOut,
    OwnGroupOut,
    RatingQuestionnaireIn,
    RatingQuestionnaireOut,
    RoundIn,
    RoundOut,
    SchoolTotalsOut,
    TextsOut,
    TicketsIn,
    figure_members,
    group_out,
    questionnaire_out,
    round_out,
)
from services.teacher_eval.ratings.service import groups, rounds
from services.teacher_eval.ratings.service.closing import close_school
from services.teacher_eval.ratings.tables import RatingFigure, RatingGroup, RatingRound
from services.teacher_eval.whole_person import own_key
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.fields import OwnCode, StaffKey
from shared.kernel.web.organizations import OrgCode, code_of, path_of
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

questionnaires = APIRouter(route_class=TransactionalRoute, prefix="/rating-questionnaires", tags=["ratings"])
router = APIRouter(route_class=TransactionalRoute, prefix="/rating-rounds", tags=["ratings"])
own = APIRouter(route_class=TransactionalRoute, prefix="/own-ratings", tags=["ratings"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("ratings.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("ratings.write"))]
Inviter = Annotated[Actor, Depends(PERMISSIONS.requires("ratings.invite"))]
Rater = Annotated[Actor, Depends(PERMISSIONS.requires("ratings.rate"))]
Closer = Annotated[Actor, Depends(PERMISSIONS.requires("ratings.close"))]
FigureReader = Annotated[Actor, Depends(PERMISSIONS.requires("rating_figures.read"))]
TotalReader = Annotated[Actor, Depends(PERMISSIONS.requires("rating_totals.read"))]
TextReader = Annotated[Actor, Depends(PERMISSIONS.requires("rating_texts.read"))]
OwnReader = Annotated[Actor, Depends(PERMISSIONS.requires("development.read_own"))]
Code = Annotated[OwnCode, Path()]
Group = Annotated[OwnCode, Path()]
Number = Annotated[int, Path(ge=1)]


@questionnaires.put("/{code}", summary="写入测评问卷（新版本） / Write a questionnaire as a new version")
async def put_rating_questionnaire(
    code: Code, body: RatingQuestionnaireIn, response: Response, session: Session, actor: Writer
) -> RatingQuestionnaireOut:
    row, is_new = await rounds.put_questionnaire(session, code=code, body=body, actor=actor)
    response.status_code = 201 if is_new else 200
    return questionnaire_out(row)


@questionnaires.get("/{org}/{code}/{number}", summary="测评问卷 / Read a version of a questionnaire")
async def read_rating_questionnaire(
    org: OrgCode, code: Code, number: Number, session: Session, actor: Reader
) -> RatingQuestionnaireOut:
    return questionnaire_out(await repository.questionnaire(session, actor, path_of(org), code, number))


@router.get("", summary="测评列表 / List rating rounds")
async def list_rating_rounds(session: Session, actor: Reader, page: Paging) -> Page[RoundOut]:
    found = await fetch_page(session, repository.all_rounds(actor), page, key=[RatingRound.id], present=lambda row: row)
    items = [round_out(row, await repository.questionnaire_of(session, actor, row)) for row in found["items"]]
    return Page(items=items, next_cursor=found["next_cursor"])


@router.get("/{org}/{code}", summary="测评 / Read a rating round")
async def read_rating_round(org: OrgCode, code: Code, response: Response, session: Session, actor: Reader) -> RoundOut:
    row = await repository.round_by_code(session, actor, path_of(org), code)
    response.headers["ETag"] = etag(row.version)
    return round_out(row, await repository.questionnaire_of(session, actor, row))


@router.put("/{code}", summary="写入本机构测评 / Write a round of one's own (If-Match on a known one)")
async def put_rating_round(
    code: Code, body: RoundIn, request: Request, response: Response, session: Session, actor: Writer
) -> RoundOut:
    row = await repository.own_round_for_update(session, actor, code)
    if row is not None:
        require_match(request, row.version)
    row, is_new = await rounds.put_round(session, code=code, body=body, row=row, actor=actor)
    response.status_code = 201 if is_new else 200
    response.headers["ETag"] = etag(row.version)
    return round_out(row, await repository.questionnaire_of(session, actor, row))


@router.get("/{org}/{code}/groups", summary="测评分组与回收数 / Groups and how many answered")
async def list_rating_groups(
    org: OrgCode, code: Code, session: Session, actor: Inviter, page: Paging
) -> Page[GroupOut]:
    of = await repository.round_by_code(session, actor, path_of(org), code)
    statement = repository.groups_of(actor, of)
    return Page(**await fetch_page(session, statement, page, key=[RatingGroup.id], present=group_out))


@router.put("/{org}/{code}/groups/{school}/{group}", summary="写入测评分组 / Write who rates whom at a school")
async def put_rating_group(
    org: OrgCode,
    code: Code,
    school: OrgCode,
    group: Group,
    body: GroupIn,
    response: Response,
    session: Session,
    actor: Inviter,
) -> GroupOut:
    of = await repository.round_by_code(session, actor, path_of(org), code)
    row, is_new = await groups.put_group(
        session, of=of, org_path=_school_path(school), code=group, body=body, actor=actor
    )
    response.status_code = 201 if is_new else 200
    return group_out(row)


@router.post(
    "/{org}/{code}/groups/{school}/{group}:tickets",
    status_code=201,
    summary="生成一次性链接 / Links for one sheet each",
)
async def make_rating_tickets(
    org: OrgCode,
    code: Code,
    school: OrgCode,
    group: Group,
    body: TicketsIn,
    request: Request,
    session: Session,
    actor: Inviter,
) -> LinksOut:
    of, row = await _group(session, actor, org, code, school, group)
    made = await groups.make_tickets(session, of=of, group=row, count=body.count, actor=actor)
    return LinksOut(links=[_link(request, row, secret) for secret in made])


@router.post(
    "/{org}/{code}/groups/{school}/{group}:take-ticket", summary="领取本人测评链接 / Take one's own link, as staff"
)
async def take_rating_ticket(
    org: OrgCode, code: Code, school: OrgCode, group: Group, request: Request, session: Session, actor: Rater
) -> LinksOut:
    of, row = await _group(session, actor, org, code, school, group)
    secret = await groups.take_ticket(session, of=of, group=row, person=own_key(actor), actor=actor)
    return LinksOut(links=[_link(request, row, secret)])


@router.post("/{org}/{code}/schools/{school}:close", summary="结束本校测评并统计 / Close and count a school's ratings")
async def close_ratings(org: OrgCode, code: Code, school: OrgCode, session: Session, actor: Closer) -> ClosingOut:
    of = await repository.round_by_code(session, actor, path_of(org), code)
    row = await close_school(session, of=of, org_path=_school_path(school), actor=actor)
    kept = {name: getattr(row, name) for name in ("closed_at", "answer_count", "figures_sha256")}
    return ClosingOut(organization=org, round=code, school=school, **kept)


@router.get("/{org}/{code}/schools/{school}/figures", summary="本校测评结果 / Figures of a school's people, by key")
async def list_rating_figures(
    org: OrgCode, code: Code, school: OrgCode, session: Session, actor: FigureReader, page: Paging
) -> Page[FigureOut]:
    of = await repository.round_by_code(session, actor, path_of(org), code)
    statement = repository.figures_of(actor, of, _school_path(school))
    key = [RatingFigure.staff_key, RatingFigure.audience]
    return Page(
        **await fetch_page(session, statement, page, key=key, present=lambda row: FigureOut(**figure_members(row)))
    )


@router.get("/{org}/{code}/totals", summary="各校测评概况 / Means of schools, nobody's own")
async def read_rating_totals(org: OrgCode, code: Code, session: Session, actor: TotalReader) -> SchoolTotalsOut:
    of = await repository.round_by_code(session, actor, path_of(org), code)
    return SchoolTotalsOut(items=await reading.school_totals(session, of=of, actor=actor))


@router.get(
    "/{org}/{code}/schools/{school}/texts/{staff_key}/{item}", summary="文字评价 / What was written of a person"
)
async def read_rating_texts(
    org: OrgCode,
    code: Code,
    school: OrgCode,
    staff_key: StaffKey,
    item: Annotated[OwnCode, Path()],
    audience: Annotated[Audience, Query()],
    session: Session,
    actor: TextReader,
) -> TextsOut:
    of = await repository.round_by_code(session, actor, path_of(org), code)
    return await reading.texts_about(
        session,
        of=of,
        org_path=_school_path(school),
        staff_key=staff_key,
        audience=audience,
        item=item,
        actor=actor,
    )


@own.get("", summary="本人历次测评结果 / The caller's own figures")
async def read_own_ratings(session: Session, actor: OwnReader) -> OwnFiguresOut:
    return OwnFiguresOut(items=await reading.own_figures(session, actor))


@own.get("/groups", summary="待本人评价 / Where the caller rates")
async def list_own_rating_groups(session: Session, actor: Rater) -> Page[OwnGroupOut]:
    return Page(items=await reading.own_groups(session, actor), next_cursor=None)


async def _group(
    session: Session, actor: Actor, org: str, code: str, school: str, group: str
) -> tuple[RatingRound, RatingGroup]:
    of = await repository.round_by_code(session, actor, path_of(org), code)
    row = await repository.group_for_update(session, actor, of, _school_path(school), group)
    if row is None:
        raise DomainError("resource.not_found", params={"what": f"rating group {group}"})
    return of, row


def _school_path(school: str) -> str:
    if "-" not in school:
        raise DomainError("survey.schools_only", params={"organization": school})
    return path_of(school)


def _link(request: Request, group: RatingGroup, secret: str) -> str:
    root = "/".join(request.url.path.split("/")[:4])
    return f"{root}/public-ratings/{code_of(group.org_path)}/{secret}"
