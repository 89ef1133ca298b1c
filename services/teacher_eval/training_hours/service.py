"""Hours of one person, record by record, and of groups."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.training_hours import repository
from services.teacher_eval.training_hours.rules import expected_by
from services.teacher_eval.training_hours.schemas import HoursBoardOut, HoursGroupOut, HoursOut, PeriodOut
from services.teacher_eval.trainings.repository import records_of_people
from services.teacher_eval.trainings.rules import TrainingLevel, counted
from services.teacher_eval.trainings.schemas import record_out
from services.teacher_eval.trainings.service.records import hours_records
from services.teacher_eval.whole_person import whole_person
from shared.kernel import clock
from shared.policy.teacher_development import parameter_on, training_period
from shared.scoring.rounding import half_away_from_zero
from shared.terms.actor import Actor


def period_out(day: dt.date) -> PeriodOut:
    """The period a day lies in, with what is owed."""
    period, needed = training_period(day), parameter_on("training_hours", day)
    return PeriodOut(
        first_on=period.first_on,
        last_on=period.last_on,
        needed_hours=needed.value,
        document=needed.document,
        verified=needed.verified,
    )


async def hours_of(session: AsyncSession, *, staff_key: str, on: dt.date | None, actor: Actor) -> HoursOut:
    """Hours of a person whom the actor may see as a whole, in the period of a day."""
    day = on or clock.today()
    period = period_out(day)
    async with whole_person(session, actor) as everywhere:
        rows = await records_of_people(session, everywhere, {staff_key})
    rows = [row for row in rows if period.first_on <= row.completed_on <= period.last_on]
    repeats = counted(hours_records(rows))
    levels: dict[TrainingLevel, Decimal] = defaultdict(Decimal)
    for row in rows:
        if repeats[str(row.id)] is None:
            levels[TrainingLevel(row.level)] += row.hours
    total = sum(levels.values(), Decimal(0))
    return HoursOut(
        staff_key=staff_key,
        period=period,
        hours=total,
        expected_hours=expected_by(training_period(day), min(day, clock.today()), period.needed_hours),
        missing_hours=max(period.needed_hours - total, Decimal(0)),
        by_level=dict(levels),
        records=[record_out(row, repeats[str(row.id)]) for row in rows],
    )


async def hours_board(session: AsyncSession, *, by: str, on: dt.date | None, actor: Actor) -> HoursBoardOut:
    """Hours by group, with everybody on active staff as the whole."""
    day = on or clock.today()
    period, least = period_out(day), parameter_on("least_group", day).value
    staff = await repository.staff_by(session, actor, by)
    found = {
        each.group: each
        for each in await repository.hours_by(
            session, actor, by, first_year=period.first_on.year, needed=period.needed_hours
        )
    }
    items = [_group(group, staff[group], found.get(group), least) for group in sorted(staff, key=group_name)]
    return HoursBoardOut(period=period, by=by, least_group=least, items=items)


def group_name(group: Any) -> str:
    """A group as text: what is unknown is called so."""
    if isinstance(group, bool):
        return "rural" if group else "urban"
    return "unknown" if group is None else str(group)


def _group(group: Any, staff: int, found: repository.GroupHours | None, least: int) -> HoursGroupOut:
    if staff < least:
        nothing = dict.fromkeys(("trained_count", "trained_rate", "completed_count", "completed_rate", "mean_hours"))
        return HoursGroupOut(group=group_name(group), staff_count=staff, is_withheld=True, **nothing)
    # Somebody who left since may have hours: nobody counts who is not on the staff, nor beyond it.
    trained = min(found.trained, staff) if found else 0
    completed = min(found.completed, staff) if found else 0
    return HoursGroupOut(
        group=group_name(group),
        staff_count=staff,
        trained_count=trained,
        trained_rate=share(trained, staff),
        completed_count=completed,
        completed_rate=share(completed, staff),
        mean_hours=float(half_away_from_zero((found.hours if found else Decimal(0)) / staff, 1)),
        is_withheld=False,
    )


def share(part: int, whole: int) -> float:
    """A share to four decimals."""
    return float(half_away_from_zero(Decimal(part) / whole, 4))
