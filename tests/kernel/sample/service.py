"""A small service for the kernel's own tests: notes that belong to organizations."""

import asyncio
import uuid
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import SettingsConfigDict
from sqlalchemy import Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.kernel.app import Service
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, changes_after, record_changes
from shared.kernel.database.base import TYPE_MAP, Code, Identified, OrgScoped, Versioned, new_metadata
from shared.kernel.database.repository import one_visible_for_update, visible
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.endpoints import job_out, jobs_router
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.worker import JobKind
from shared.kernel.settings import ServiceSettings
from shared.kernel.web.etag import etag, not_modified, require_match
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.permissions import Grant, Permissions
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kernel.web.upload import UploadedFile
from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError


class Base(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map = TYPE_MAP


class Note(Identified, Versioned, OrgScoped, Base):
    __tablename__ = "notes"
    code: Mapped[str] = mapped_column(Code, unique=True)
    text: Mapped[str] = mapped_column(Text)


class SampleSettings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SAMPLE_", frozen=True, extra="ignore")


ALL = frozenset(Role)
PERMISSIONS = Permissions(
    {
        "notes.read": Grant("sample.read", ALL),
        "notes.write": Grant("sample.write", ALL - {Role.PROVINCE_READER}),
        "jobs.read": Grant("sample.read", ALL),
        "jobs.cancel": Grant("sample.write", ALL),
    }
)
router = APIRouter(route_class=TransactionalRoute, prefix="/notes", tags=["notes"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("notes.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("notes.write"))]


class NoteIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    code: str = Field(max_length=20)
    text: str
    org_path: str


class NoteOut(BaseModel):
    id: uuid.UUID
    code: str
    text: str


def note_out(row: Note) -> NoteOut:
    return NoteOut(id=row.id, code=row.code, text=row.text)


@router.post("", status_code=201)
async def create_note(body: NoteIn, session: Session, actor: Writer) -> NoteOut:
    row = Note(code=body.code, text=body.text, org_path=body.org_path)
    session.add(row)
    await session.flush()
    note(session, actor, "note.created", body.code, {"length": len(body.text)})
    await record_changes(session, "notes", Operation.UPSERTED, [(body.org_path, {"code": body.code})])
    if body.text == "fail after writing":
        raise DomainError("resource.conflict", params={"what": "asked to"})
    if body.text == "break":
        raise RuntimeError("something with G110101199001011234 in it")
    return note_out(row)


@router.get("")
async def list_notes(session: Session, actor: Reader, page: Paging, text: str | None = None) -> Page[NoteOut]:
    statement = visible(Note, actor) if text is None else visible(Note, actor).where(Note.text == text)
    return Page(**await fetch_page(session, statement, page, key=[Note.code], present=note_out))


@router.get("/{code}")
async def read_note(code: str, request: Request, response: Response, session: Session, actor: Reader) -> Any:
    rows = (await session.scalars(visible(Note, actor).where(Note.code == code))).all()
    if not rows:
        raise DomainError("resource.not_found", params={"what": code})
    tag = etag(rows[0].version)
    response.headers["ETag"] = tag
    return not_modified(request, tag) or note_out(rows[0])


@router.put("/{code}")
async def edit_note(code: str, body: NoteIn, request: Request, session: Session, actor: Writer) -> NoteOut:
    row = await one_visible_for_update(session, Note, actor, Note.code == code, what=code)
    require_match(request, row.version)
    row.text, row.version = body.text, row.version + 1
    return note_out(row)


@router.post("/upload")
async def upload(file: UploadedFile, actor: Writer) -> dict[str, Any]:
    return {"size": file.size, "sha256": file.sha256, "format": file.format}


@router.post("/count", status_code=202)
async def count_notes(body: dict[str, Any], session: Session, actor: Writer) -> Any:
    job = await enqueue(session, actor, "count", args=body, org_path=actor.org, lock=body.get("lock"))
    return job_out(job)


@router.get("/changes/feed")
async def feed(session: Session, actor: Reader, after: str | None = None) -> dict[str, Any]:
    rows, cursor = await changes_after(session, actor, after, resources=[], limit=100)
    return {"items": [{"key": row.key, "operation": row.operation} for row in rows], "next": cursor}


async def count(context: JobContext) -> None:
    """Counts slowly, so that a worker can be killed in the middle."""
    if context.args.get("refuse"):
        raise DomainError("resource.conflict", params={"what": "refused"})
    if context.args.get("crash"):
        raise RuntimeError("crash")
    steps = context.args.get("steps", 1)
    for step in range(steps):
        await context.progress(step, steps, "counting")
        await asyncio.sleep(context.args.get("seconds", 0) / steps)
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        session.add(Note(code=f"job-{context.id.hex[-12:]}", text="done", org_path="99/"))
        result["attempt"] = context.attempt


SERVICE = Service(
    name="sample",
    title="Sample",
    settings=SampleSettings,
    permissions=PERMISSIONS,
    routers=(router, jobs_router(PERMISSIONS)),
    jobs=(JobKind("count", count),),
    metadata=Base.metadata,
    migrations=Path(__file__).parent / "migrations",
)
