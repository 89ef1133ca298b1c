"""Keeping rounds of recognition, showing who was reviewed, and recognizing them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.ladders.repository import ladder_by_code
from services.teacher_eval.ladders.rules import Keeper
from services.teacher_eval.ladders.schemas import ladder_of
from services.teacher_eval.staff_register.repository import staff_by_keys
from services.teacher_eval.titles import repository
from services.teacher_eval.titles.rules import RoundState, TitleState, term_ends_on
from services.teacher_eval.titles.schemas import RecognitionIn, RoundIn
from services.teacher_eval.titles.service.moving import move
from services.teacher_eval.titles.tables import Title, TitleNotice, TitleRound
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.records import keep
from shared.kits.publicity.repository import standing_notice
from shared.kits.publicity.service import draft_notice, end_notice, open_notice, withdraw_notice
from shared.kits.subject import Subject
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel
from shared.workflow.calendar import WorkingCalendar
from shared.workflow.publicity import NoticeState

_OFFICES = {
    Keeper.SCHOOL: OrgLevel.SCHOOL,
    Keeper.COUNTY: OrgLevel.COUNTY,
    # The city records what the province and the state recognized.
    Keeper.CITY: OrgLevel.CITY,
    Keeper.PROVINCE: OrgLevel.CITY,
    Keeper.STATE: OrgLevel.CITY,
}
_CONTENT = {"name", "seats", "publicity_working_days", "document"}


async def put_round(
    session: AsyncSession, *, code: str, body: RoundIn, row: TitleRound | None, actor: Actor
) -> tuple[TitleRound, bool]:
    """Writes a round; its ladder and rung are frozen when it is made.

    Raises:
        DomainError: ``resource.not_found`` for the ladder; ``title_round.rung_unknown``; ``title_round.other_office`` for a
            rung that another level recognizes; ``title_round.rung_fixed``, ``title_round.over``.
    """
    is_new = row is None
    if row is None:
        row = await _new_round(session, code, body, actor)
    elif row.state != RoundState.OPEN:
        raise DomainError("title_round.over", params={"state": row.state})
    elif (row.ladder, row.rung) != (body.ladder, body.rung):
        raise DomainError("title_round.rung_fixed", params={"ladder": row.ladder, "rung": row.rung})
    row.nominations_end_on = body.nominations_end_on
    row.content = body.model_dump(mode="json", include=_CONTENT)
    key = {"title_round": code}
    await keep(session, row, resource="title_rounds", action="title_round.set", key=key, actor=actor)
    return row, is_new


async def _new_round(session: AsyncSession, code: str, body: RoundIn, actor: Actor) -> TitleRound:
    ladder = await ladder_by_code(session, actor, body.ladder)
    rung = ladder_of(ladder.content).rung(body.rung)
    if rung is None:
        raise DomainError("title_round.rung_unknown", params={"ladder": body.ladder, "rung": body.rung})
    if _OFFICES[rung.recognized_by] != actor.level:
        raise DomainError("title_round.other_office", params={"level": rung.recognized_by.value})
    return TitleRound(
        code=code,
        org_path=actor.org,
        ladder=ladder.code,
        ladder_number=ladder.version,
        rung=rung.code,
        rung_content=rung.model_dump(mode="json"),
        state=RoundState.OPEN,
    )


async def begin_publicity(
    session: AsyncSession, *, row: TitleRound, actor: Actor, calendar: WorkingCalendar
) -> TitleRound:
    """Shows everybody who was reviewed, from now on, for the round's working days.

    Raises:
        DomainError: ``title_round.over``; ``title_round.nobody``.
    """
    if row.state != RoundState.OPEN:
        raise DomainError("title_round.over", params={"state": row.state})
    titles = await repository.titles_for_update(session, actor, row, TitleState.REVIEWED)
    if not titles:
        raise DomainError("title_round.nobody")
    content = await _shown(session, row, list(titles), actor)
    subject = _subject(row, actor)
    notice = await draft_notice(
        session,
        table=TitleNotice,
        subject=subject,
        title_zh=f"{row.content['name']['zh']}拟认定人选公示"[:120],
        content=content,
        working_days=row.content["publicity_working_days"],
    )
    await open_notice(
        session, table=TitleNotice, subject=subject, notice_id=notice.id, content=content, calendar=calendar
    )
    for title in titles:
        await move(session, row, title, "show", body="公示开始 / shown", actor=actor)
    return await _turned(session, row, RoundState.IN_PUBLICITY, "shown", len(titles), actor)


async def withdraw_publicity(session: AsyncSession, *, row: TitleRound, reason: str, actor: Actor) -> TitleRound:
    """Takes the notice down; those shown are reviewed again. Raises ``title_round.not_shown``."""
    notice = await _notice(session, row, actor)
    if notice.state in (NoticeState.DRAFTED, NoticeState.OPEN):
        subject = _subject(row, actor)
        await withdraw_notice(session, table=TitleNotice, subject=subject, notice_id=notice.id, reason=reason)
    titles = await repository.titles_for_update(session, actor, row, TitleState.IN_PUBLICITY)
    for title in titles:
        await move(session, row, title, "take_down", body=reason, actor=actor)
    return await _turned(session, row, RoundState.OPEN, "taken_down", len(titles), actor)


async def recognize(session: AsyncSession, *, row: TitleRound, body: RecognitionIn, actor: Actor) -> TitleRound:
    """Recognizes everybody who was shown for the whole window and was not refused.

    Raises:
        DomainError: ``title_round.not_shown``, ``publicity.not_over``, ``title.later``.
    """
    notice = await _notice(session, row, actor)
    if notice.state == NoticeState.OPEN:
        await end_notice(session, notice, actor)
    day = past_or_today(body.on)
    titles = await repository.titles_for_update(session, actor, row, TitleState.IN_PUBLICITY)
    years = row.rung_content["term_years"]
    for title in titles:
        title.recognized_on = title.term_begins_on = day
        title.term_ends_on, title.document = term_ends_on(day, years), body.document
        await move(session, row, title, "recognize", body=body.text, document=body.document, actor=actor)
    return await _turned(session, row, RoundState.CLOSED, "recognized", len(titles), actor)


def past_or_today(day: dt.date | None) -> dt.date:
    """A day that is not in the future; today unless one is named. Raises ``title.later``."""
    today = clock.today()
    if day is not None and day > today:
        raise DomainError("title.later", params={"today": today.isoformat()})
    return day or today


async def _turned(
    session: AsyncSession, row: TitleRound, state: RoundState, what: str, count: int, actor: Actor
) -> TitleRound:
    row.state = state
    key, detail = {"title_round": row.code}, {"count": count}
    action = f"title_round.{what}"
    await keep(session, row, resource="title_rounds", action=action, key=key, actor=actor, detail=detail)
    return row


async def _notice(session: AsyncSession, row: TitleRound, actor: Actor) -> TitleNotice:
    if row.state != RoundState.IN_PUBLICITY:
        raise DomainError("title_round.not_shown", params={"state": row.state})
    notice = await standing_notice(session, TitleNotice, _subject(row, actor))
    # The hourly sweep may have ended it already.
    notice = notice or await repository.newest_notice(session, actor, row)
    if notice is None:
        raise DomainError("title_round.not_shown", params={"state": row.state})
    return notice


async def _shown(session: AsyncSession, row: TitleRound, titles: list[Title], actor: Actor) -> dict[str, Any]:
    people = await staff_by_keys(session, actor, {title.staff_key for title in titles})
    note(session, actor, "staff.names_read", row.code, {"count": len(people)})
    return {
        "round": row.code,
        "name": row.content["name"],
        "rung": row.rung_content["name"],
        "document": row.content["document"],
        "people": [
            {
                "name": people[title.staff_key].name,
                "school": people[title.staff_key].school_name_zh,
                "county_code": title.county_code,
                "subject": title.subject,
                # That somebody was let pass is shown too: it is what people may object to.
                "passed_criteria": sorted(title.waivers),
            }
            for title in titles
            if title.staff_key in people
        ],
    }


def _subject(row: TitleRound, actor: Actor) -> Subject:
    return Subject("title_round", row.code, row.org_path, actor)
