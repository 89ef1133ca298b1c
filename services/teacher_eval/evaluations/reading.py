"""One person's evaluation as its readers see it."""

from __future__ import annotations

import asyncio

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles.rules import SchoolState
from services.teacher_eval.cycles.schemas import member_out
from services.teacher_eval.evaluations import evidence, repository
from services.teacher_eval.evaluations.figures import figures_of
from services.teacher_eval.evaluations.schemas import SheetOut, leaf_out
from services.teacher_eval.evaluations.service.opened import Opened
from shared.kernel.store.columnar import ColumnarStore


async def sheet_of(session: AsyncSession, *, opened: Opened, store: ColumnarStore) -> SheetOut:
    """Every leaf of one person."""
    entries = await repository.entries_of(session, opened.actor, opened.member.id)
    files = await evidence.counts_of(session, opened)
    figures = await asyncio.to_thread(figures_of, store, opened.cycle.filled, opened.member.staff_key)
    attributes = opened.attributes
    return SheetOut(
        cycle=opened.cycle.code,
        school_state=SchoolState(opened.school.state),
        member=member_out(opened.member),
        statement=opened.member.statement,
        figures_confirmed_at=opened.member.figures_confirmed_at,
        leaves=[
            leaf_out(leaf, attributes, entries.get(code), figures.get(code), files.get(code, 0))
            for code, leaf in opened.leaves.items()
        ],
    )
