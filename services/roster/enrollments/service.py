"""Taking in enrollments; an arrival at a new school ends the stay at the old one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.roster.classes.repository import ClassKey, grades_of_classes
from services.roster.enrollments.repository import (
    Arrival,
    StayKey,
    StoredStay,
    close_other_stays,
    stored_stays,
    student_paths,
)
from services.roster.enrollments.rules import dates_fault, entry_day, first_day, is_open
from services.roster.enrollments.schemas import EnrollmentRow
from services.roster.intake.collection import Checked, Collection, Intake, Record
from services.roster.intake.lookup import whole_service
from services.roster.intake.pace import paced
from services.roster.intake.rows import Row, RowFault
from services.roster.intake.upsert import Upsert
from services.roster.schools.repository import KnownSchool, known_schools
from services.roster.schools.rules import teaches
from services.roster.students.repository import Move, move_students
from services.roster.students.service import held_elsewhere
from services.roster.tables import METADATA
from shared.kernel import clock
from shared.kernel.changes.feed import Operation, record_changes

UPSERT = Upsert(
    METADATA.tables["enrollments"],
    compared=("class_code", "grade_level", "status", "entered_on", "left_on", "org_path"),
)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rows refer to, as far as it exists."""

    schools: dict[str, KnownSchool]
    classes: dict[ClassKey, int]
    students: dict[str, str]
    stays: dict[StayKey, list[StoredStay]]
    held: set[str]


async def check_enrollments(intake: Intake, rows: Sequence[Row[EnrollmentRow]]) -> Checked:
    """Enrollments of known pupils at the actor's schools, in classes of the same grade."""
    keys = [_student_key(intake, row.model) async for row in paced(rows)]
    known = await _lookups(intake, rows, keys)
    records, faults = [], []
    opened: dict[StayKey, str] = {}
    async for row, key in paced(zip(rows, keys, strict=True)):
        found = _fault(intake, row, key, known)
        if found is None and key is not None and is_open(row.model.status):
            first = opened.setdefault((key, row.model.school_year), row.model.school_code)
            found = ("school_code", "roster.enrollment_two_schools") if first != row.model.school_code else None
        if found is not None or key is None:
            column, code = found or ("student_number", "roster.student_reference")
            hidden = column in ("student_number", "student_key")
            value = None if hidden else str(getattr(row.model, column))
            faults.append(RowFault(row.number, column, code, value=value))
            continue
        records.append(_record(row, key, known))
    return Checked(records, faults)


def _student_key(intake: Intake, model: EnrollmentRow) -> str | None:
    """The pupil's pseudonym, by number or as given; ``None`` unless exactly one of both was given."""
    if (model.student_number is None) == (model.student_key is None):
        return None
    return intake.personal.pseudonym(model.student_number) if model.student_number else model.student_key


async def _lookups(intake: Intake, rows: Sequence[Row[EnrollmentRow]], keys: Sequence[str | None]) -> _Known:
    session, actor = intake.session, intake.actor
    schools = await known_schools(session, actor, {row.model.school_code for row in rows})
    wanted = {
        (row.model.school_code, row.model.school_year, row.model.class_code)
        for row in rows
        if row.model.class_code is not None
    }
    classes = await grades_of_classes(session, actor, wanted)
    async with whole_service(session, actor):
        students = await student_paths(session, {key for key in keys if key})
        stays = await stored_stays(
            session, {(key, row.model.school_year) for row, key in zip(rows, keys, strict=True) if key}
        )
    foreign = {key for key, path in students.items() if not actor.covers(path)}
    return _Known(schools, classes, students, stays, await held_elsewhere(intake, foreign))


def _fault(intake: Intake, row: Row[EnrollmentRow], key: str | None, known: _Known) -> tuple[str, str] | None:
    """Column and code of the first fault of a row."""
    model = row.model
    school = known.schools.get(model.school_code)
    who = "student_number" if model.student_number else "student_key"
    if key is None:
        return who, "roster.student_reference"
    if school is None:
        return "school_code", "roster.school_unknown"
    if not teaches(school.stages, model.grade_level):
        return "grade_level", "roster.grade_not_taught"
    if model.class_code is not None:
        grade = known.classes.get((model.school_code, model.school_year, model.class_code))
        if grade is None:
            return "class_code", "roster.class_unknown"
        if grade != model.grade_level:
            return "grade_level", "roster.class_grade_differs"
    return dates_fault(model.status, model.entered_on, model.left_on) or _pupil_fault(intake, model, key, known, who)


def _pupil_fault(intake: Intake, model: EnrollmentRow, key: str, known: _Known, who: str) -> tuple[str, str] | None:
    path = known.students.get(key)
    stays = known.stays.get((key, model.school_year), [])
    if path is None:
        return who, "roster.student_unknown"
    if not is_open(model.status):
        was_here = any(stay.school_code == model.school_code for stay in stays)
        return None if was_here or intake.actor.covers(path) else (who, "roster.student_unknown")
    open_elsewhere = any(stay.is_open and not intake.actor.covers(stay.org_path) for stay in stays)
    return (who, "roster.student_elsewhere") if open_elsewhere or key in known.held else None


def _record(row: Row[EnrollmentRow], key: str, known: _Known) -> Record:
    model = row.model
    stays = known.stays.get((key, model.school_year), [])
    stored = next((stay.entered_on for stay in stays if stay.school_code == model.school_code), None)
    is_transfer = any(stay.is_open and stay.school_code != model.school_code for stay in stays)
    otherwise = clock.today() if is_transfer else first_day(model.school_year)
    values = model.model_dump(exclude={"student_number"})
    values |= {
        "student_key": key,
        "entered_on": entry_day(model.entered_on, stored, otherwise=otherwise, left_on=model.left_on),
        "org_path": known.schools[model.school_code].org_path,
    }
    return Record(row.number, values)


async def end_other_stays(intake: Intake, records: Sequence[Record]) -> None:
    """Before a pupil can be open at one school, the stay at another of the same school year is closed."""
    arrivals = [
        Arrival(*(record.values[name] for name in ("student_key", "school_year", "school_code", "entered_on")))
        for record in records
        if is_open(record.values["status"])
    ]
    closed = await close_other_stays(intake.session, arrivals)
    await record_changes(intake.session, "enrollments", Operation.UPSERTED, closed)


async def move_pupils(intake: Intake, records: Sequence[Record]) -> None:
    """The school that enrolled a pupil last keeps the pupil's record."""
    moves: dict[str, Move] = {}
    for record in records:
        values = record.values
        move = Move(values["student_key"], values["school_year"], values["school_code"], values["org_path"])
        last = moves.get(move.student_key)
        if is_open(values["status"]) and (last is None or last.school_year < move.school_year):
            moves[move.student_key] = move
    if moves:
        async with whole_service(intake.session, intake.actor):
            moved = await move_students(intake.session, list(moves.values()))
        await record_changes(intake.session, "students", Operation.UPSERTED, moved)


ENROLLMENTS = Collection(
    name="enrollments",
    row=EnrollmentRow,
    upsert=UPSERT,
    check=check_enrollments,
    shown_key=("student_key", "school_year", "school_code"),
    before=end_other_stays,
    after=move_pupils,
    sensitive=frozenset({"student_number"}),
)
