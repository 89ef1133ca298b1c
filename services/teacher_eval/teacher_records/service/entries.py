"""Writing records: drafts by hand, and what every step leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.record_kinds.schemas import Kind
from services.teacher_eval.record_kinds.service import InForce, catalog_in_force
from services.teacher_eval.staff_register.repository import staff_by_key
from services.teacher_eval.teacher_records.entry import SAID, achievement_of, entry_faults, work_of
from services.teacher_eval.teacher_records.rules import LIFE, RecordState, acting
from services.teacher_eval.teacher_records.schemas import EntryIn, RecordIn
from services.teacher_eval.teacher_records.tables import RecordVersion, TeacherRecord
from services.teacher_eval.whole_person import own_key
from shared.kernel import clock
from shared.kernel.records import keep
from shared.kernel.web.organizations import code_of
from shared.terms.actor import Actor
from shared.terms.errors import DomainError, Fault
from shared.terms.organization import OrgLevel, path_segments


async def create_record(session: AsyncSession, *, body: RecordIn, actor: Actor) -> TeacherRecord:
    """Writes a draft: a teacher's own, or a school's for one of its staff.

    Raises:
        DomainError: ``record.kind_unknown``, ``record.not_own``, ``record.not_entered_by``, ``record.schools_only``;
            ``resource.not_found`` for somebody of another school; ``request.invalid`` with every value at fault.
    """
    known = await catalog_in_force(session, actor)
    kind = kind_of(known, body.kind)
    staff_key = body.staff_key or own_key(actor)
    if acting(actor, staff_key) not in kind.entered_by:
        raise DomainError("record.not_entered_by", params={"kind": body.kind, "who": ", ".join(kind.entered_by)})
    org_path = actor.org
    if not actor.is_person(staff_key):
        org_path = (await staff_by_key(session, actor, staff_key)).org_path
    elif actor.level is not OrgLevel.SCHOOL:
        raise DomainError("record.schools_only")
    row = new_record(staff_key=staff_key, kind=body.kind, org_path=org_path, actor=actor)
    say(row, body.kind, kind, checked(known, kind, body))
    await store(session, row, action="draft", actor=actor)
    return row


async def edit_record(session: AsyncSession, *, row: TeacherRecord, body: EntryIn, actor: Actor) -> TeacherRecord:
    """Writes what a draft, or a record given back, says now; the same again changes nothing.

    Raises:
        DomainError: ``workflow.not_allowed``, ``record.not_own``, ``request.invalid``.
    """
    acting(actor, row.staff_key)
    state = LIFE.target("edit", RecordState(row.state))
    known = await catalog_in_force(session, actor)
    kind = kind_of(known, row.kind)
    entry = checked(known, kind, body)
    if all(getattr(row, name) == entry[name] for name in SAID):
        return row
    say(row, row.kind, kind, entry)
    # What was given back stays so until it is handed in again.
    row.state = row.state if row.state == RecordState.RETURNED else state
    await store(session, row, action="edit", actor=actor)
    return row


def kind_of(known: InForce, code: str) -> Kind:
    """A kind of the catalog in force; raises ``record.kind_unknown``."""
    kind = known.catalog.kinds.get(code)
    if kind is None:
        raise DomainError("record.kind_unknown", params={"kind": code, "known": ", ".join(known.catalog.kinds)})
    return kind


def checked(known: InForce, kind: Kind, body: EntryIn) -> dict[str, Any]:
    """What an entry says, held against its kind; raises ``request.invalid`` with each value at fault."""
    entry = {name: getattr(body, name) for name in SAID}
    faults = [
        Fault(fault.code, pointer=f"/{fault.place}", value=fault.value, allowed=fault.allowed)
        for fault in entry_faults(kind, entry, known.catalog, clock.today())
    ]
    if faults:
        raise DomainError("request.invalid", faults=faults)
    return entry


def new_record(*, staff_key: str, kind: str, org_path: str, actor: Actor) -> TeacherRecord:
    """A draft that says nothing yet."""
    county, school = path_segments(org_path)[2:4]
    row = TeacherRecord(staff_key=staff_key, kind=kind, org_path=org_path, county_code=county, school_code=school)
    row.state, row.source, row.entered_by, row.flags, row.version = RecordState.DRAFT, "entered", actor.subject, [], 0
    return row


def say(row: TeacherRecord, code: str, kind: Kind, entry: Mapping[str, Any]) -> None:
    """Puts what an entry says into its row, with what makes it the same as others."""
    for name in SAID:
        setattr(row, name, entry[name])
    row.achievement, row.work = achievement_of(code, kind, entry), work_of(code, kind, entry)


async def store(
    session: AsyncSession, row: TeacherRecord, *, action: str, actor: Actor, reason: str | None = None
) -> None:
    """Keeps a record that is new or was changed, and the state it is in now."""
    key = {"organization": code_of(row.org_path), "record": str(row.id)} if row.id else {}
    if not key:
        session.add(row)
        await session.flush()
        key = {"organization": code_of(row.org_path), "record": str(row.id)}
    detail = {"kind": row.kind, "state": row.state}
    await keep(session, row, resource="teacher_records", action=f"record.{action}", key=key, actor=actor, detail=detail)
    session.add(version_of(row, action=action, reason=reason, actor=actor))
    await session.flush()


def version_of(row: TeacherRecord, *, action: str, reason: str | None, actor: Actor) -> RecordVersion:
    """The record as it stands, to be kept."""
    content = {name: _plain(getattr(row, name)) for name in SAID} | {"flags": row.flags}
    version = RecordVersion(record_id=row.id, number=row.version, action=action, state=row.state, org_path=row.org_path)
    version.content, version.reason, version.by_org, version.at = content, reason, actor.org, clock.now()
    return version


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value if value is None or isinstance(value, str | int | dict) else str(value)
