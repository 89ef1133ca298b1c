"""How people stand: what other rooms may know of conduct. Nothing of a case but what follows from it while it does."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.conduct import repository
from services.teacher_eval.conduct.rules import effect_from
from shared.kernel.database.scope import everywhere
from shared.kits.platform import platform_actor
from shared.policy.annual_assessment import AnnualGrade
from shared.policy.conduct import Effect, PayEffect, Standing, forfeited_months, severity_of, standing_over
from shared.terms.actor import Actor

CLEAR = "clear"
STANDING_SCHEMA: dict[str, pl.DataType] = {
    "staff_key": pl.String(),
    "standing": pl.String(),
    "severity": pl.Int64(),
    "grade_cap": pl.String(),
    "pay_effect": pl.String(),
    "until": pl.Date(),
}
"""``standing`` is the most severe handling that holds, or ``clear``; ``severity`` 0 to 3 by grades lost; ``grade_cap`` null
without a limit; ``until`` null where nothing holds, or for good."""
_FOR_GOOD = dt.date(9999, 12, 31)


async def standings(
    session: AsyncSession, staff_keys: Collection[str], first_day: dt.date, last_day: dt.date
) -> dict[str, Standing]:
    """Those of some people who do not stand clear over a period, wherever their cases were."""
    effects = await _effects_between(session, first_day, last_day)
    asked = set(staff_keys)
    found = {key: standing_over(own, first_day, last_day) for key, own in effects.items() if key in asked}
    return {key: standing for key, standing in found.items() if not standing.is_clear}


async def standing_of(
    session: AsyncSession, staff_keys: Collection[str], first_day: dt.date, last_day: dt.date
) -> pl.DataFrame:
    """How each of some people stands over a period; a decision counts from the day it takes effect, never before.

    Args:
        session: the transaction; cases of every organization are asked.
        staff_keys: of whom.
        first_day: of the period.
        last_day: of the period.

    Returns:
        ``STANDING_SCHEMA``, one row per person, by key.
    """
    found = await standings(session, staff_keys, first_day, last_day)
    rows = [(key, *_columns(found.get(key))) for key in sorted(set(staff_keys))]
    return pl.DataFrame(rows, schema=STANDING_SCHEMA, orient="row")


async def grade_caps(
    session: AsyncSession, staff_keys: Collection[str], first_day: dt.date, last_day: dt.date
) -> dict[str, AnnualGrade]:
    """The best annual grade of those who have a limit, over the period that is assessed."""
    found = await standings(session, staff_keys, first_day, last_day)
    return {key: standing.grade_cap for key, standing in found.items() if standing.grade_cap is not None}


async def pay_effects(
    session: AsyncSession, staff_keys: Collection[str], first_day: dt.date, last_day: dt.date
) -> dict[str, PayEffect]:
    """Whose incentive part is forfeited or deferred in a period that is paid for."""
    found = await standings(session, staff_keys, first_day, last_day)
    return {key: standing.pay for key, standing in found.items() if standing.pay is not PayEffect.NONE}


async def months_forfeited(
    session: AsyncSession, staff_keys: Collection[str], months: Sequence[str]
) -> dict[str, frozenset[str]]:
    """Months whose incentive part is forfeited, of those who have any; months as ``2026-09``, in order."""
    first, last = (dt.date.fromisoformat(f"{month}-01") for month in (months[0], months[-1]))
    effects, asked = await _effects_between(session, first, last), set(staff_keys)
    found = {key: forfeited_months(own, months) for key, own in effects.items() if key in asked}
    return {key: lost for key, lost in found.items() if lost}


async def conduct_facts(
    session: AsyncSession, actor: Actor, staff_keys: Collection[str]
) -> Mapping[str, dict[str, Any]]:
    """First and last days of violations, for criteria of rungs; of people without any, nothing here can tell.

    That no case stands here does not say that there was none before this platform kept them: the school states that.
    """
    del actor
    effects = await _effects_between(session, dt.date.min, _FOR_GOOD)
    asked = set(staff_keys)
    return {
        key: {"violations": [(effect.first_on, effect.last_on or _FOR_GOOD) for effect in own]}
        for key, own in effects.items()
        if key in asked
    }


async def _effects_between(session: AsyncSession, first_day: dt.date, last_day: dt.date) -> dict[str, list[Effect]]:
    """Everything in effect on any day of a period, by person: few rows, however many people are asked about."""
    found: dict[str, list[Effect]] = defaultdict(list)
    async with everywhere(session):
        platform = platform_actor("teacher_eval")
        for row in await repository.with_effect_between(session, platform, first_day, last_day):
            found[row.staff_key] += [effect_from(stored) for stored in row.effects]
    return found


def _columns(standing: Standing | None) -> tuple[str, int, str | None, str, dt.date | None]:
    if standing is None or standing.handling is None:
        return CLEAR, 0, None, PayEffect.NONE.value, None
    cap = None if standing.grade_cap is None else standing.grade_cap.value
    return standing.handling, severity_of(standing), cap, standing.pay.value, standing.until
