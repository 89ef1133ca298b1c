"""The computation as a job: a school, a county or the city in one go, one transaction at the end."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from services.teacher_eval.cycles.documents import scheme_of
from services.teacher_eval.cycles.repository import cycle_by_id, member_frame
from services.teacher_eval.cycles.rules import SETTLED, SchoolState
from services.teacher_eval.cycles.units import units_frame
from services.teacher_eval.evaluations.repository import last_words, said_below
from services.teacher_eval.results import repository
from services.teacher_eval.results.service.asking import COMPUTE_JOB
from services.teacher_eval.results.service.computing import changes_of, compute, keep_versions
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind
from shared.terms.errors import DomainError

#: A ruling is computed although the school has moved on.
_RULED = SETTLED | {SchoolState.IN_PUBLICITY}


async def run(context: JobContext) -> None:
    """Computes schools from what was said last; running it again gives the same files."""
    args, store = context.args, context.kernel.columns
    appeal_id = uuid.UUID(args["appeal_id"]) if args["appeal_id"] else None
    states = {SchoolState.COMPREHENSIVE_ASSESSMENT} if appeal_id is None else _RULED
    cycle_id, below = uuid.UUID(args["cycle_id"]), args["below"]
    await context.progress(0, 2, "evaluating")
    result: dict[str, Any] = {}
    # In one transaction: schools are locked, so no value changes between what was read and what is kept.
    async with context.final(result) as session:
        cycle = await cycle_by_id(session, cycle_id)
        scheme = await scheme_of(cycle)
        schools = await repository.schools_in(session, cycle_id, states, below=below)
        if not schools:
            raise DomainError("cycle.nothing_to_compute")
        codes = [school.school_code for school in schools]
        members = await member_frame(session, cycle_id, below=below)
        members = members.filter(members["school_code"].is_in(codes))
        units = units_frame(members, {school.school_code: school.attributes for school in schools})
        said, words = await said_below(session, cycle_id, below=below), await last_words(session, cycle_id, below=below)
        said = said.join(units.select("unit_code"), on="unit_code", how="semi")
        replaced = await repository.newest_results(session, context.actor, [school.id for school in schools])
        computed = await asyncio.to_thread(compute, store, cycle, scheme, units, said)
        changes = await asyncio.to_thread(changes_of, store, computed, schools, replaced)
        rows = await keep_versions(
            session,
            cycle=cycle,
            computed=computed,
            schools=schools,
            replaced=replaced,
            changes=changes,
            last_words=words,
            actor=context.actor,
            appeal_id=appeal_id,
        )
        result |= {"cycle": cycle.code, "schools": len(rows), "people": units.height, "version": rows[0].version}


COMPUTE_CYCLE = JobKind(COMPUTE_JOB, run)
