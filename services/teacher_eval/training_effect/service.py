"""What became of those who completed a program, beside comparable others."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles.repository import cycle_by_code
from services.teacher_eval.staff_register.repository import everybody
from services.teacher_eval.training_effect import repository
from services.teacher_eval.training_effect.rules import Effect, change_effect, share_effect
from services.teacher_eval.trainings.repository import program_by_code
from shared.kernel import clock
from shared.policy.teacher_development import parameter_on
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


@dataclass(frozen=True, slots=True)
class ProgramEffect:
    """Change of annual totals, where two evaluations are named, and rungs reached since."""

    least: int
    annual_total: Effect | None
    rung_reached: Effect


async def program_effect(
    session: AsyncSession, *, code: str, before: str | None, after: str | None, actor: Actor
) -> ProgramEffect:
    """Participants and others within the actor's organization, which must be the program's or above it.

    Raises:
        DomainError: ``resource.not_found``; ``training.other_office``; ``training.effect_cycles`` unless both evaluations
            or neither are named, the first judged before the program began and the second after it ended.
    """
    program = await program_by_code(session, actor, code)
    if not actor.covers(program.org_path):
        raise DomainError("training.other_office")
    least = parameter_on("least_group", clock.today()).value
    completed = await repository.completed_keys(session, actor, program)
    change = None
    if before is not None and after is not None:
        cycles = [await cycle_by_code(session, actor, named) for named in (before, after)]
        if not cycles[0].as_of <= program.starts_on <= program.ends_on <= cycles[1].as_of:
            raise DomainError("training.effect_cycles")
        frames = [await repository.totals(session, actor, cycle.id) for cycle in cycles]
        change = await asyncio.to_thread(_change, frames[0], frames[1], completed, least)
    elif before is not None or after is not None:
        raise DomainError("training.effect_cycles")
    staff = set((await everybody(session, actor, program.org_path))["staff_key"])
    reached = await repository.reached_rungs(session, actor, program.ends_on)
    own, others = completed & staff, staff - completed
    rungs = share_effect(len(own & reached), len(own), len(others & reached), len(others), least=least)
    return ProgramEffect(least, change, rungs)


def _change(before: pl.DataFrame, after: pl.DataFrame, completed: set[str], least: int) -> Effect:
    people = (
        before.rename({"total": "before"})
        .join(after.select("staff_key", after="total"), on="staff_key", how="inner")
        .with_columns(is_participant=pl.col("staff_key").is_in(sorted(completed)))
    )
    return change_effect(people, least=least)
