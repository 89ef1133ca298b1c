"""Showing results: a frozen notice for a window of working days, then final, then published."""

from __future__ import annotations

import asyncio
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.campaigns.rules import LIFE, CampaignState
from services.school_eval.campaigns.service import move_campaign
from services.school_eval.campaigns.tables import Campaign
from services.school_eval.evaluations.repository import names_of
from services.school_eval.results import repository
from services.school_eval.results.rules import newest_of
from services.school_eval.results.tables import CampaignNotice, CampaignResult
from shared.kernel.store.columnar import ColumnarStore
from shared.kits.appeals.service import Appeals, let_lapse
from shared.kits.publicity.repository import standing_notice
from shared.kits.publicity.service import draft_notice, end_notice, open_notice, withdraw_notice
from shared.kits.subject import Subject
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.workflow.calendar import WorkingCalendar
from shared.workflow.publicity import NoticeState

KIND = "campaign"


def subject_of(row: Campaign, actor: Actor) -> Subject:
    """What a notice is about."""
    return Subject(KIND, row.code, row.org_path, actor)


async def begin_publicity(
    session: AsyncSession, *, row: Campaign, actor: Actor, store: ColumnarStore, calendar: WorkingCalendar
) -> Campaign:
    """Shows what was computed from now on, for the campaign's working days; schools see their own results.

    Raises:
        DomainError: ``workflow.not_allowed``; ``campaign.not_computed``.
    """
    LIFE.target("begin_publicity", CampaignState(row.state))
    result = newest_of(await repository.versions_of(session, actor, row))
    if result is None:
        raise DomainError("campaign.not_computed")
    names = await names_of(session, actor, row.id)
    content = await asyncio.to_thread(notice_content, row, result, store, names)
    subject = subject_of(row, actor)
    days = row.definition["calendar"]["publicity_working_days"]
    notice = await draft_notice(
        session,
        table=CampaignNotice,
        subject=subject,
        title_zh=f"{row.definition['name']['zh']}结果公示"[:120],
        content=content,
        working_days=days,
    )
    notice = await open_notice(
        session, table=CampaignNotice, subject=subject, notice_id=notice.id, content=content, calendar=calendar
    )
    await repository.show_from_now(session, row.id)
    detail = {"version": result.version, "notice": str(notice.id), "sha256": notice.content_sha256}
    row = await move_campaign(session, row, "begin_publicity", actor=actor, detail=detail)
    row.window_ends_at = notice.ends_at
    await session.flush()
    return row


async def withdraw_publicity(session: AsyncSession, *, row: Campaign, actor: Actor, reason: str) -> Campaign:
    """Takes the notice down before its time; what it has shown is kept. Raises ``workflow.not_allowed``."""
    LIFE.target("withdraw_publicity", CampaignState(row.state))
    await _require_no_appeals(session, row)
    subject = subject_of(row, actor)
    notice = await standing_notice(session, CampaignNotice, subject)
    if notice is not None:
        await withdraw_notice(session, table=CampaignNotice, subject=subject, notice_id=notice.id, reason=reason)
    return await move_campaign(session, row, "withdraw_publicity", actor=actor, reason=reason)


async def finalize(session: AsyncSession, *, row: Campaign, appeals: Appeals, actor: Actor) -> Campaign:
    """Makes results final: the window is over, and every appeal.

    Rulings that nobody asked to have reviewed in time become final now, not only when the hour's sweep comes by.

    Args:
        session: the transaction.
        row: the campaign, locked.
        appeals: the appeals against its results.
        actor: who makes them final.

    Raises:
        DomainError: ``workflow.not_allowed``, ``publicity.not_over``, ``campaign.appeals_open``.
    """
    LIFE.target("finalize", CampaignState(row.state))
    notice = await standing_notice(session, CampaignNotice, subject_of(row, actor))
    if notice is not None and notice.state == NoticeState.OPEN:
        await end_notice(session, notice, actor)
    await let_lapse(session, on=appeals, actor=actor)
    await _require_no_appeals(session, row)
    return await move_campaign(session, row, "finalize", actor=actor)


async def _require_no_appeals(session: AsyncSession, row: Campaign) -> None:
    count = await repository.open_appeal_count(session, row.code)
    if count:
        raise DomainError("campaign.appeals_open", params={"total": count})


def notice_content(
    row: Campaign, result: CampaignResult, store: ColumnarStore, names: dict[str, tuple[str, str]]
) -> dict[str, Any]:
    """What a notice shows: how many schools have which grade, and the version's hashes; names where the campaign says so."""
    totals = store.get(result.frames["totals"]["sha256"], columns=["unit_code", "grade"])
    counties = pl.DataFrame({"unit_code": list(names), "county_code": [county for _, county in names.values()]})
    counted = (
        totals.join(counties, on="unit_code", how="left")
        .group_by("county_code", "grade")
        .len()
        .sort("county_code", "grade", nulls_last=True)
    )
    content: dict[str, Any] = {
        "campaign": row.code,
        "name": row.definition["name"],
        "school_year": row.school_year,
        "scheme": result.inputs["scheme"],
        "version": result.version,
        "inputs_sha256": result.inputs_sha256,
        "totals_sha256": result.frames["totals"]["sha256"],
        "grades": [
            {"county_code": county, "grade": grade, "schools": count} for county, grade, count in counted.iter_rows()
        ],
    }
    if row.definition["names_in_notice"]:
        content["schools"] = [
            {"school_code": code, "name_zh": names[code][0], "grade": grade}
            for code, grade in totals.sort("unit_code").iter_rows()
        ]
    return content
