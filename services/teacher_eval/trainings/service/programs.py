"""Keeping programs, enrolling people, recording who completed them, and what they thought of it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.staff_register.repository import staff_by_keys
from services.teacher_eval.trainings import repository
from services.teacher_eval.trainings.rules import (
    ENROLLMENT_LIFE,
    PROGRAM_LIFE,
    EnrollmentState,
    ProgramState,
    RatedItem,
    rated,
    require_attended,
)
from services.teacher_eval.trainings.schemas import CompletionIn, ItemRatingOut, ProgramIn, RatingIn, RatingsOut
from services.teacher_eval.trainings.service.records import OWN_SOURCE, refresh_totals
from services.teacher_eval.trainings.tables import (
    TrainingEnrollment,
    TrainingProgram,
    TrainingRating,
    TrainingRecord,
)
from services.teacher_eval.whole_person import whole_person
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.records import keep
from shared.policy.teacher_development import parameter_on
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

_LISTED = 20


async def put_program(
    session: AsyncSession, *, code: str, body: ProgramIn, row: TrainingProgram | None, actor: Actor
) -> tuple[TrainingProgram, bool]:
    """Writes a program of the actor's organization.

    Raises:
        DomainError: ``training.over`` once it is closed or cancelled; ``training.hours_fixed`` for other hours when
            somebody completed it.
    """
    is_new = row is None
    if row is None:
        row = TrainingProgram(code=code, org_path=actor.org, state=ProgramState.PLANNED)
    elif row.state not in (ProgramState.PLANNED, ProgramState.OPEN):
        raise DomainError("training.over", params={"state": row.state})
    elif row.hours != body.hours and await _completed(session, row, actor):
        raise DomainError("training.hours_fixed", params={"hours": str(row.hours)})
    for name, value in body.model_dump().items():
        setattr(row, name, value)
    await _kept(session, row, "set", actor)
    return row, is_new


async def step_program(session: AsyncSession, *, row: TrainingProgram, step: str, actor: Actor) -> TrainingProgram:
    """Takes a step of a program's life; raises ``workflow.not_allowed``."""
    row.state = PROGRAM_LIFE.target(step, ProgramState(row.state))
    await _kept(session, row, row.state, actor)
    return row


async def enroll(
    session: AsyncSession, *, program: TrainingProgram, staff_keys: Collection[str], actor: Actor
) -> list[TrainingEnrollment]:
    """Enrolls people of the actor's organization; those who are in it already stay as they are.

    Raises:
        DomainError: ``training.not_open``; ``training.people_unknown``; ``training.no_seats``.
    """
    if program.state != ProgramState.OPEN:
        raise DomainError("training.not_open", params={"state": program.state})
    people = {key: row for key, row in (await staff_by_keys(session, actor, staff_keys)).items() if row.is_active}
    if missing := sorted(set(staff_keys) - set(people)):
        raise _unknown(missing)
    known = dict(await repository.enrollments_for_update(session, actor, program, staff_keys))
    new = [key for key in sorted(people) if key not in known or known[key].state == EnrollmentState.WITHDRAWN]
    # Nobody sees the people of other schools, and all of them take seats.
    await repository.hold_seats(session, program)
    async with whole_person(session, actor) as everywhere:
        taken = await repository.seats_taken(session, everywhere, program)
    if program.seats is not None and taken + len(new) > program.seats:
        left = max(program.seats - taken, 0)
        raise DomainError("training.no_seats", params={"seats": program.seats, "left": left})
    for key in new:
        row = known.get(key)
        if row is None:
            row = TrainingEnrollment(program_id=program.id, staff_key=key, org_path=people[key].org_path)
            row.school_code, row.county_code = people[key].school_code, people[key].county_code
            row.hours_attended, row.has_rated = Decimal(0), False
        row.state = EnrollmentState.ENROLLED
        known[key] = row
        await _kept_enrollment(session, program, row, "enrolled", actor)
    return [known[key] for key in sorted(known)]


async def withdraw(
    session: AsyncSession, *, program: TrainingProgram, row: TrainingEnrollment, actor: Actor
) -> TrainingEnrollment:
    """Takes somebody out who has not completed it; raises ``workflow.not_allowed``."""
    row.state = ENROLLMENT_LIFE.target("withdraw", EnrollmentState(row.state))
    await _kept_enrollment(session, program, row, "withdrawn", actor)
    return row


async def complete(
    session: AsyncSession, *, program: TrainingProgram, body: CompletionIn, actor: Actor
) -> list[TrainingEnrollment]:
    """Records hours attended and who completed; each completion becomes a record of hours. Given again, it changes nothing.

    Raises:
        DomainError: ``training.people_unknown`` for people not enrolled; ``training.day_outside``; what
            :func:`~services.teacher_eval.trainings.rules.require_attended` refuses.
    """
    if not program.starts_on <= body.completed_on <= clock.today():
        params = {"first": program.starts_on.isoformat(), "last": clock.today().isoformat()}
        raise DomainError("training.day_outside", params=params)
    wanted = {item.staff_key: item for item in body.items}
    rows = await repository.enrollments_for_update(session, actor, program, wanted)
    if missing := sorted(set(wanted) - set(rows)):
        raise _unknown(missing)
    done: set[str] = set()
    for key, item in wanted.items():
        row = rows[key]
        step = "complete" if item.is_completed else "fail"
        if row.state == EnrollmentState.COMPLETED and item.is_completed and row.hours_attended == item.hours_attended:
            continue
        if item.is_completed:
            require_attended(program.hours, item.hours_attended, program.least_attendance_rate)
            row.completed_on = body.completed_on
            done.add(key)
        row.state = ENROLLMENT_LIFE.target(step, EnrollmentState(row.state))
        row.hours_attended = item.hours_attended
        await _kept_enrollment(session, program, row, row.state, actor)
    await _record(session, program, [rows[key] for key in sorted(done)], actor)
    return [rows[key] for key in sorted(rows)]


def _unknown(missing: list[str]) -> DomainError:
    params = {"total": len(missing), "people": ", ".join(missing[:_LISTED])}
    return DomainError("training.people_unknown", params=params)


async def _record(
    session: AsyncSession, program: TrainingProgram, rows: Collection[TrainingEnrollment], actor: Actor
) -> None:
    for row in rows:
        session.add(
            TrainingRecord(
                staff_key=row.staff_key,
                org_path=row.org_path,
                source=OWN_SOURCE,
                record_code=program.code,
                title=program.title,
                level=program.level,
                hours=row.hours_attended,
                completed_on=row.completed_on or clock.today(),
            )
        )
    await session.flush()
    if rows:
        await refresh_totals(session, {row.staff_key for row in rows}, actor=actor)


async def rate(
    session: AsyncSession, *, program: TrainingProgram, row: TrainingEnrollment, body: RatingIn, actor: Actor
) -> None:
    """Takes one participant's points, once, without keeping whose they are.

    Raises:
        DomainError: ``training.not_completed``; ``training.rated_already``.
    """
    if row.state != EnrollmentState.COMPLETED:
        raise DomainError("training.not_completed")
    if row.has_rated:
        raise DomainError("training.rated_already")
    row.has_rated = True
    # A random id: one that holds the time would lead from the rating to whoever rated then.
    rating = TrainingRating(id=uuid.uuid4(), program_id=program.id, org_path=row.org_path, **body.model_dump())
    session.add(rating)
    await session.flush()
    note(session, actor, "training.rated", program.code)


async def ratings(session: AsyncSession, *, program: TrainingProgram, actor: Actor) -> RatingsOut:
    """What participants thought, for the program's own organization; nothing below the least number of raters.

    Raises:
        DomainError: ``training.other_office``: of a part alone the rest could be told by subtraction.
    """
    if not actor.covers(program.org_path):
        raise DomainError("training.other_office")
    least = parameter_on("least_raters", clock.today()).value
    points = await repository.ratings_of(session, actor, program)
    counts = await repository.enrollment_counts(session, actor, program)
    completed = counts.get(EnrollmentState.COMPLETED, 0)
    items = []
    if len(points) >= least:
        figures = [rated([row[place] for row in points], of=completed) for place in range(len(RatedItem))]
        items = [
            ItemRatingOut(item=item, mean=mean, ci=ci) for item, (mean, ci) in zip(RatedItem, figures, strict=True)
        ]
    return RatingsOut(least_raters=least, n=len(points), completed_count=completed, items=items)


async def _completed(session: AsyncSession, row: TrainingProgram, actor: Actor) -> bool:
    counts: Mapping[str, int] = await repository.enrollment_counts(session, actor, row)
    return counts.get(EnrollmentState.COMPLETED, 0) > 0


async def _kept(session: AsyncSession, row: TrainingProgram, what: str, actor: Actor) -> None:
    key = {"program": row.code}
    await keep(session, row, resource="training_programs", action=f"training.{what}", key=key, actor=actor)


async def _kept_enrollment(
    session: AsyncSession, program: TrainingProgram, row: TrainingEnrollment, what: str, actor: Actor
) -> None:
    key = {"program": program.code, "staff": row.staff_key}
    await keep(session, row, resource="training_enrollments", action=f"enrollment.{what}", key=key, actor=actor)
