"""The two routes of ratings that need no token: a sheet is opened and handed in with its ticket."""

from fastapi import APIRouter, Depends, Request

from services.teacher_eval.ratings.schemas import RateableOut, RatingItem, SheetForm, SheetIn, ThanksOut
from services.teacher_eval.ratings.service import answering
from shared.kernel.context import kernel_of
from shared.kernel.web.organizations import OrgCode, path_of
from shared.kernel.web.permissions import public
from shared.kernel.web.route import TransactionalRoute
from shared.kits.surveys.links import Secret, respondent
from shared.terms.errors import DomainError

router = APIRouter(
    route_class=TransactionalRoute, prefix="/public-ratings", tags=["ratings"], dependencies=[Depends(public)]
)
_NOTICE_ZH = (
    "本测评不记名：不保存姓名、账号、网络地址、设备信息和提交时刻，只保存答案和日期。同一份答卷的关联仅用于校正评分宽严，"
    "测评结束即清除。人数不足时不显示结果。"
)
_NOTICE_EN = (
    "This rating is anonymous: no name, account, network address, device or hour is kept, only the answers and the day. "
    "What ties a sheet together serves to allow for severe raters and is forgotten at the end. "
    "Nothing is shown where few have answered."
)


@router.get("/{org}/{secret}", summary="打开测评 / Open a sheet by its ticket (no account)")
async def open_sheet(org: OrgCode, secret: Secret, request: Request) -> SheetForm:
    path = _school_path(org)
    async with kernel_of(request).database.transaction(path) as session:
        actor = respondent(path)
        invitation = await answering.open_ticket(session, secret=secret, actor=actor)
        people = await answering.people_of(session, invitation, actor)
        content = invitation.questionnaire.content
        return SheetForm(
            name=invitation.of.name,
            kind=invitation.of.kind,
            audience=invitation.group.audience,
            people=[RateableOut(rated=row.staff_key, name=row.name) for row in people],
            items=[RatingItem.model_validate(item) for item in content["items"]],
            closes_on=invitation.of.closes_on,
            notice_zh=_NOTICE_ZH,
            notice_en=_NOTICE_EN,
        )


@router.post("/{org}/{secret}", status_code=201, summary="提交测评 / Hand in a sheet (no account)")
async def hand_in_sheet(org: OrgCode, secret: Secret, body: SheetIn, request: Request) -> ThanksOut:
    path = _school_path(org)
    async with kernel_of(request).database.transaction(path) as session:
        invitation = await answering.open_ticket(session, secret=secret, actor=respondent(path))
        await answering.take_sheet(session, invitation=invitation, ratings=body.ratings)
    return ThanksOut()


def _school_path(org: str) -> str:
    if "-" not in org:
        raise DomainError("survey.schools_only", params={"organization": org})
    return path_of(org)
