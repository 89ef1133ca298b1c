"""Taking in teaching assignments: known classes and people, and no class whose subject is given out more than once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from services.roster.classes.repository import ClassKey
from services.roster.enrollments.rules import first_day
from services.roster.intake.collection import Checked, Collection, Intake, Record
from services.roster.intake.lookup import whole_service
from services.roster.intake.pace import paced
from services.roster.intake.rows import Row, RowFault
from services.roster.intake.sources import settle_sources
from services.roster.intake.upsert import Key, Upsert
from services.roster.schools.repository import KnownSchool, known_schools
from services.roster.tables import METADATA
from services.roster.teaching_assignments.repository import lock_classes, staff_paths, stored_assignments
from services.roster.teaching_assignments.rules import (
    LIMITED,
    AssignmentKind,
    AssignmentStatus,
    Span,
    dates_fault,
    last_day,
    overfull,
    post_fault,
)
from services.roster.teaching_assignments.schemas import TeachingAssignmentRow

UPSERT = Upsert(
    METADATA.tables["teaching_assignments"],
    compared=("share", "starts_on", "ends_on", "status", "source_system", "source_id", "org_path"),
)
_WHO = "who"
#: Leading columns of the key: what is given out as a whole.
_WHOLE = 5


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rows refer to, as far as it exists."""

    schools: dict[str, KnownSchool]
    classes: set[ClassKey]
    staff: dict[str, str]


async def check_assignments(intake: Intake, rows: Sequence[Row[TeachingAssignmentRow]]) -> Checked:
    """Assignments of known staff to classes of the actor's schools, none of them given out beyond the whole."""
    keys = [_staff_key(intake, row.model) async for row in paced(rows)]
    known = await _lookups(intake, rows, keys)
    records, faults = [], []
    async for row, key in paced(zip(rows, keys, strict=True)):
        found = _fault(row.model, key, known)
        if found is None and key is not None:
            records.append(_record(row, key, known))
            continue
        column, code = found or (_who(row.model), "roster.staff_reference")
        hidden = column in ("citizen_number", "staff_key")
        value = None if hidden else _shown(getattr(row.model, column))
        faults.append(RowFault(row.number, column, code, value=value))
    settled = await settle_sources(intake, UPSERT, records)
    faults += settled.faults
    faults += _foreign(intake, records, known, settled.paths)
    faults += await _beyond_whole(intake, records, known.classes)
    return Checked(records, faults)


def _staff_key(intake: Intake, model: TeachingAssignmentRow) -> str | None:
    """The person's pseudonym, by number or as given; ``None`` unless exactly one of both was given."""
    if (model.citizen_number is None) == (model.staff_key is None):
        return None
    return intake.personal.pseudonym(model.citizen_number) if model.citizen_number else model.staff_key


def _who(model: TeachingAssignmentRow) -> str:
    return "citizen_number" if model.citizen_number else "staff_key"


def _shown(value: object) -> str | None:
    return None if value is None else str(value)


async def _lookups(intake: Intake, rows: Sequence[Row[TeachingAssignmentRow]], keys: Sequence[str | None]) -> _Known:
    session, actor = intake.session, intake.actor
    schools = await known_schools(session, actor, {row.model.school_code for row in rows})
    wanted = {(row.model.school_code, row.model.school_year, row.model.class_code) for row in rows}
    classes = await lock_classes(session, actor, wanted)
    async with whole_service(session, actor):
        staff = await staff_paths(session, {key for key in keys if key})
    return _Known(schools, classes, staff)


def _fault(model: TeachingAssignmentRow, key: str | None, known: _Known) -> tuple[str, str] | None:
    """Column and code of the first fault of a row."""
    if key is None:
        return _who(model), "roster.staff_reference"
    if model.school_code not in known.schools:
        return "school_code", "roster.school_unknown"
    if (model.school_code, model.school_year, model.class_code) not in known.classes:
        return "class_code", "roster.class_unknown"
    if key not in known.staff:
        return _who(model), "roster.staff_unknown"
    starts_on = model.starts_on or first_day(model.school_year)
    ends_on = model.ends_on or last_day(model.school_year)
    return post_fault(model.kind, model.subject, model.share) or dates_fault(model.school_year, starts_on, ends_on)


def _record(row: Row[TeachingAssignmentRow], key: str, known: _Known) -> Record:
    model = row.model
    values = model.model_dump(exclude={"citizen_number"})
    values |= {
        "staff_key": key,
        "subject": model.subject or "",
        "spell": str(model.spell),
        "starts_on": model.starts_on or first_day(model.school_year),
        "ends_on": model.ends_on or last_day(model.school_year),
        "org_path": known.schools[model.school_code].org_path,
    }
    return Record(row.number, values, {_WHO: _who(model)})


def _foreign(intake: Intake, records: Sequence[Record], known: _Known, stored: dict[Key, str]) -> list[RowFault]:
    """Staff of others; who was here and has moved on may still have what is stored corrected."""
    return [
        RowFault(record.number, record.extra[_WHO], "roster.staff_not_yours")
        for record in records
        if not intake.actor.covers(known.staff[record.values["staff_key"]])
        and UPSERT.key_of(record.values) not in stored
    ]


async def _beyond_whole(intake: Intake, records: Sequence[Record], classes: set[ClassKey]) -> list[RowFault]:
    """Rows with which a subject of a class, or its class teacher's post, is given out beyond the whole on some day."""
    sent = {UPSERT.key_of(record.values): record for record in reversed(records)}
    wholes: dict[Key, list[tuple[Span, int | None]]] = defaultdict(list)
    for stored in await stored_assignments(intake.session, intake.actor, classes):
        if stored.key not in sent and stored.status == AssignmentStatus.ASSIGNED:
            wholes[stored.key[:_WHOLE]].append((stored.span, None))
    async for key, record in paced(sent.items()):
        values = record.values
        if values["status"] == AssignmentStatus.ASSIGNED and values["kind"] in LIMITED:
            span = Span(values["starts_on"], values["ends_on"], values["share"])
            wholes[key[:_WHOLE]].append((span, record.number))
    faults = []
    async for whole, parts in paced(wholes.items()):
        is_teaching = whole[3] == AssignmentKind.TEACHING
        code = "roster.assignment_share_exceeded" if is_teaching else "roster.homeroom_teacher_twice"
        too_much = overfull([span for span, _ in parts])
        faults += [
            RowFault(number, "share" if is_teaching else "starts_on", code)
            for (_, number), is_over in zip(parts, too_much, strict=True)
            if is_over and number is not None
        ]
    return faults


TEACHING_ASSIGNMENTS = Collection(
    name="teaching_assignments",
    row=TeachingAssignmentRow,
    upsert=UPSERT,
    check=check_assignments,
    shown_key=("school_code", "school_year", "class_code", "kind", "subject", "staff_key", "spell"),
    sensitive=frozenset({"citizen_number"}),
)
