"""Evidence of leaves: which leaf of which school a file belongs to, and who may attach one when."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path
from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.campaigns.rules import CampaignState
from services.school_eval.evaluations import repository
from services.school_eval.evaluations.rules import codes_above, require_delegated
from services.school_eval.evaluations.service.opened import Opened, open_for_reading, open_for_work, require_known
from services.school_eval.evaluations.service.values import require_entering
from services.school_eval.evidence.tables import Evidence
from services.school_eval.permissions import PERMISSIONS
from shared.kernel.database.repository import visible
from shared.kernel.web.fields import OwnCode, SchoolCode
from shared.kernel.web.route import Session
from shared.kits.evidence.endpoints import evidence_router
from shared.kits.schemes.said import LeafCode
from shared.kits.subject import Subject
from shared.terms.actor import Actor, Role
from shared.terms.organization import OrgLevel

KIND = "leaf"
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("evaluations.read"))]
Attacher = Annotated[Actor, Depends(PERMISSIONS.requires("evaluations.attach"))]


def evidence_key(campaign: str, school_code: str, leaf: str = "") -> str:
    """Key of a leaf of a school; without a leaf what the keys of all its leaves begin with."""
    return f"{campaign}/{school_code}/{leaf}"


async def counts_of(session: AsyncSession, actor: Actor, campaign: str, school_code: str) -> dict[str, int]:
    """Files that stand, by leaf, of one school."""
    prefix = evidence_key(campaign, school_code)
    statement = (
        visible(Evidence, actor)
        .where(Evidence.subject_type == KIND, Evidence.subject_key >= prefix, Evidence.subject_key < prefix + "~")
        .where(Evidence.withdrawn_at.is_(None))
        .with_only_columns(Evidence.subject_key, func.count())
        .group_by(Evidence.subject_key)
    )
    return {key.removeprefix(prefix): count for key, count in await session.execute(statement)}


async def _read(
    code: Annotated[OwnCode, Path()],
    school_code: Annotated[SchoolCode, Path()],
    leaf: Annotated[LeafCode, Path()],
    session: Session,
    actor: Reader,
) -> Subject:
    return _subject(await open_for_reading(session, code=code, school_code=school_code, actor=actor), leaf)


async def _write(
    code: Annotated[OwnCode, Path()],
    school_code: Annotated[SchoolCode, Path()],
    leaf: Annotated[LeafCode, Path()],
    session: Session,
    actor: Attacher,
) -> Subject:
    opened = await open_for_work(session, code=code, school_code=school_code, actor=actor)
    subject = _subject(opened, leaf)
    if actor.level is not OrgLevel.SCHOOL:
        opened.require_campaign(CampaignState.COUNTY_REVIEW, CampaignState.CITY_VERIFICATION)
        return subject
    require_entering(opened)
    if Role.SCHOOL_ADMIN not in actor.roles:
        rows = await repository.active_delegations(session, actor, opened.evaluation.id)
        mine = {row.node for row in rows if row.account == actor.subject}
        require_delegated([leaf], delegated=mine, above=codes_above(opened.scheme))
    return subject


def _subject(opened: Opened, leaf: str) -> Subject:
    require_known(opened, [leaf], pointer="path:leaf")
    key = evidence_key(opened.campaign.code, opened.evaluation.school_code, leaf)
    return Subject(KIND, key, opened.evaluation.org_path, opened.actor)


router = evidence_router(
    Evidence,
    prefix="/campaigns/{code}/evaluations/{school_code}/leaves/{leaf}/evidence",
    name="leaf",
    reader=_read,
    writer=_write,
)
