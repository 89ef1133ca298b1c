"""Asking for the effect of teaching to be computed, and reading it: one's own, and schools' counts."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.teaching_effect import repository
from services.teacher_eval.teaching_effect.rules import totals_of
from services.teacher_eval.teaching_effect.schemas import EffectIn, OwnEffectOut, TotalOut, own_effect_out
from services.teacher_eval.teaching_effect.tables import TeachingEffectRun
from services.teacher_eval.whole_person import own_key, whole_person
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job
from shared.kernel.web.organizations import code_of
from shared.terms.actor import Actor

COMPUTE_JOB = "compute_teaching_effect"


async def ask_computing(session: AsyncSession, *, school_year: str, body: EffectIn, actor: Actor) -> Job:
    """Asks for the effect of teaching of a year in the actor's organization."""
    args = {"area": actor.org, "school_year": school_year, "definition": body.model_dump(mode="json")}
    lock = f"teaching-effect-{actor.org}-{school_year}"
    return await enqueue(session, actor, COMPUTE_JOB, args=args, org_path=actor.org, lock=lock)


async def own_effects(session: AsyncSession, actor: Actor) -> list[OwnEffectOut]:
    """The effects of the person who asks: of each office and year the newest computation."""
    person = own_key(actor)
    async with whole_person(session, actor) as everywhere:
        rows = await repository.effects_of_person(session, everywhere, person)
        newest: dict[tuple[str, str], OwnEffectOut] = {}
        for effect, run in rows:
            newest.setdefault((run.org_path, run.school_year), own_effect_out(effect, run))
    return list(newest.values())


async def totals(session: AsyncSession, *, run: TeachingEffectRun, actor: Actor) -> list[TotalOut]:
    """Schools of the actor's organization in a computation."""
    effects = await repository.effects_within(session, actor, run, actor.org)
    return [
        TotalOut(organization=code_of(row["org_path"]), **{name: row[name] for name in row if name != "org_path"})
        for row in totals_of(effects)
    ]
