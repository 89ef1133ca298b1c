"""A small service that mounts every kit on one kind of thing: reports that belong to schools."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict
from pydantic_settings import SettingsConfigDict
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.kernel.app import Service
from shared.kernel.changes.endpoints import changes_router
from shared.kernel.database.base import TYPE_MAP, Code, Identified, OrgScoped, Versioned, new_metadata
from shared.kernel.database.repository import one_visible
from shared.kernel.jobs.endpoints import jobs_router
from shared.kernel.settings import ServiceSettings
from shared.kernel.web.permissions import Grant, Permissions
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kits.appeals.endpoints import appeals_router
from shared.kits.appeals.rules import Parties
from shared.kits.appeals.service import Appeals
from shared.kits.appeals.sweeps import appeals_sweep
from shared.kits.appeals.tables import Appeal, AppealMessage
from shared.kits.evidence.endpoints import evidence_router
from shared.kits.evidence.service import EvidenceLimits
from shared.kits.evidence.sweeps import evidence_sweeps
from shared.kits.evidence.tables import EvidenceFile
from shared.kits.platform import platform_actor
from shared.kits.publicity.endpoints import notices_router, public_notices_router
from shared.kits.publicity.service import content_hash, require_not_shown
from shared.kits.publicity.sweeps import notices_sweep
from shared.kits.publicity.tables import Audience, Notice
from shared.kits.sign_offs.endpoints import sign_offs_router
from shared.kits.sign_offs.service import SignOffs
from shared.kits.sign_offs.tables import Signature, SignOff
from shared.kits.subject import Subject
from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError
from shared.workflow.sign_offs import Signer


class Base(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map = TYPE_MAP


class Report(Identified, Versioned, OrgScoped, Base):
    __tablename__ = "reports"
    code: Mapped[str] = mapped_column(Code, unique=True)
    score: Mapped[int]
    is_frozen: Mapped[bool] = mapped_column(default=False)


class Evidence(EvidenceFile, Base):
    __tablename__ = "evidence_files"


class PublicNotice(Notice, Base):
    __tablename__ = "notices"


class ReportAppeal(Appeal, Base):
    __tablename__ = "appeals"


class ReportAppealMessage(AppealMessage, Base):
    __tablename__ = "appeal_messages"


class ReportSignOff(SignOff, Base):
    __tablename__ = "sign_offs"


class ReportSignature(Signature, Base):
    __tablename__ = "signatures"


class SampleSettings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="KITS_", frozen=True, extra="ignore")


ALL = frozenset(Role)
SCHOOL = frozenset({Role.SCHOOL_ADMIN, Role.SCHOOL_OPERATOR})
OFFICE = frozenset({Role.COUNTY_ADMIN, Role.CITY_ADMIN, Role.COUNTY_REVIEWER})
PERMISSIONS = Permissions(
    {
        "reports.read": Grant("kits.read", ALL),
        "reports.write": Grant("kits.write", SCHOOL | OFFICE),
        "reports.publish": Grant("kits.write", OFFICE),
        "appeals.submit": Grant("kits.write", SCHOOL | {Role.TEACHER}),
        "appeals.handle": Grant("kits.write", OFFICE),
        "changes.read": Grant("kits.read", ALL),
        "jobs.read": Grant("kits.read", ALL),
        "jobs.cancel": Grant("kits.write", OFFICE),
    }
)
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("reports.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("reports.write"))]
Publisher = Annotated[Actor, Depends(PERMISSIONS.requires("reports.publish"))]
Appellant = Annotated[Actor, Depends(PERMISSIONS.requires("appeals.submit"))]
Handler = Annotated[Actor, Depends(PERMISSIONS.requires("appeals.handle"))]
router = APIRouter(route_class=TransactionalRoute, prefix="/reports", tags=["reports"])


class ReportIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    code: str
    org_path: str
    score: int = 50
    is_frozen: bool = False


class ReportOut(BaseModel):
    code: str
    score: int
    is_frozen: bool


@router.post("", status_code=201)
async def create_report(body: ReportIn, session: Session, actor: Writer) -> ReportOut:
    row = Report(**body.model_dump())
    session.add(row)
    await session.flush()
    return report_out(row)


@router.get("/{code}")
async def read_report(code: str, session: Session, actor: Reader) -> ReportOut:
    return report_out(await one_visible(session, Report, actor, Report.code == code, what=code))


@router.put("/{code}")
async def edit_report(code: str, body: ReportIn, session: Session, actor: Writer) -> ReportOut:
    row = await one_visible(session, Report, actor, Report.code == code, what=code)
    await require_not_shown(session, PublicNotice, Subject("report", row.code, row.org_path, actor))
    row.score, row.is_frozen = body.score, body.is_frozen
    return report_out(row)


def report_out(row: Report) -> ReportOut:
    return ReportOut(code=row.code, score=row.score, is_frozen=row.is_frozen)


async def reading(code: str, session: Session, actor: Reader) -> Subject:
    row = await one_visible(session, Report, actor, Report.code == code, what=code)
    return Subject("report", row.code, row.org_path, actor)


async def writing(code: str, session: Session, actor: Writer) -> Subject:
    row = await one_visible(session, Report, actor, Report.code == code, what=code)
    if row.is_frozen:
        raise DomainError("resource.conflict", params={"what": "frozen"})
    return Subject("report", row.code, row.org_path, actor)


async def publishing(code: str, session: Session, actor: Publisher) -> Subject:
    row = await one_visible(session, Report, actor, Report.code == code, what=code)
    return Subject("report", row.code, row.org_path, actor)


async def snapshot(session: AsyncSession, subject: Subject) -> dict[str, Any]:
    row = await one_visible(session, Report, subject.actor, Report.code == subject.key, what=subject.key)
    return {"code": row.code, "score": row.score}


async def freeze(session: AsyncSession, notice: Notice) -> None:
    """What has been shown to the end stands: the report is frozen."""
    row = await one_visible(session, Report, PLATFORM, Report.code == notice.subject_key, what=notice.subject_key)
    row.is_frozen = True


async def appealing(code: str, session: Session, actor: Appellant) -> Subject:
    return await reading(code, session, actor)


async def handling(code: str, session: Session, actor: Handler) -> Subject:
    return await reading(code, session, actor)


async def set_score(session: AsyncSession, actor: Actor, appeal: Appeal, effect: Mapping[str, Any]) -> dict[str, Any]:
    """What a ruling may order here: another score."""
    row = await one_visible(session, Report, actor, Report.code == appeal.subject_key, what=appeal.subject_key)
    before, row.score = row.score, int(effect["score"])
    await session.flush()
    if row.score > 100:
        raise DomainError("resource.conflict", params={"what": "more than 100"})
    return {"score": {"from": before, "to": row.score}}


async def hash_of(session: AsyncSession, subject: Subject) -> str:
    return content_hash(await snapshot(session, subject))


async def signers_of(session: AsyncSession, subject: Subject) -> list[Signer]:
    return [
        Signer("clerk", Role.SCHOOL_OPERATOR, subject.org_path),
        Signer("principal", Role.SCHOOL_ADMIN, subject.org_path),
    ]


def may_handle(actor: Actor) -> bool:
    return PERMISSIONS.grants["appeals.handle"].allows(actor)


OF_SCHOOLS = Appeals(ReportAppeal, ReportAppealMessage, Parties(), set_score)
OF_PERSONS = Appeals(ReportAppeal, ReportAppealMessage, Parties(by_person=True, is_shown_to_respondents=True))
SIGN_OFFS = SignOffs(ReportSignOff, ReportSignature)
PLATFORM = platform_actor("kits")
LIMITS = EvidenceLimits(most_files=3, most_bytes=2 * 2**20)

SERVICE = Service(
    name="kits",
    title="Kits",
    settings=SampleSettings,
    permissions=PERMISSIONS,
    routers=(
        router,
        evidence_router(
            Evidence, prefix="/reports/{code}/evidence", name="report", reader=reading, writer=writing, limits=LIMITS
        ),
        notices_router(
            PublicNotice,
            prefix="/reports/{code}/notices",
            name="report",
            reader=reading,
            publisher=publishing,
            content_of=snapshot,
            audiences=frozenset(Audience),
        ),
        public_notices_router(PublicNotice, name="kits"),
        appeals_router(
            OF_SCHOOLS,
            prefix="/reports/{code}/appeals",
            name="report",
            reader=reading,
            appellant=appealing,
            handler=handling,
            may_handle=may_handle,
        ),
        appeals_router(
            OF_PERSONS,
            prefix="/reports/{code}/objections",
            name="person",
            reader=reading,
            appellant=appealing,
            handler=handling,
            may_handle=may_handle,
            working_days={"appeals.admit": 2},
        ),
        sign_offs_router(
            SIGN_OFFS,
            prefix="/reports/{code}/sign-offs",
            name="report",
            reader=reading,
            requester=writing,
            signer=writing,
            hash_of=hash_of,
            signers_of=signers_of,
        ),
        changes_router(PERMISSIONS, ("evidence_files", "notices", "appeals", "sign_offs")),
        jobs_router(PERMISSIONS),
    ),
    jobs=(),
    metadata=Base.metadata,
    migrations=Path(__file__).parent / "migrations",
    sweeps=(*evidence_sweeps(Evidence), notices_sweep(PublicNotice, freeze), appeals_sweep(OF_SCHOOLS)),
)
