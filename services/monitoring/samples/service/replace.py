"""Replacements of schools that refuse or cannot take part."""

from __future__ import annotations

import asyncio

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.repository import schools_with_sheets
from services.monitoring.exams.rules import ExamState
from services.monitoring.exams.tables import Exam
from services.monitoring.samples import repository, rules
from services.monitoring.samples.rules import SampleState
from services.monitoring.samples.schemas import ReplaceIn
from services.monitoring.samples.service.stored import get_schools
from services.monitoring.samples.tables import Sample
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.store.columnar import ColumnarStore
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

_REPLACEABLE = frozenset({ExamState.DRAFT, ExamState.COLLECTING})


async def replace_school(
    session: AsyncSession, store: ColumnarStore, *, exam: Exam, body: ReplaceIn, actor: Actor
) -> Sample:
    """Puts the next replacement in the place of a school that does not take part.

    The roster of an exam that is collecting has then to be frozen anew (``:open``); its other schools keep their marks.

    Args:
        session: the transaction.
        store: where the draw is.
        exam: the exam, locked.
        body: which school, and why.
        actor: who decides.

    Raises:
        DomainError: ``sample.not_drawn``, ``sample.too_late``, ``sample.school_has_marks``, ``sample.school_not_active``,
            ``sample.no_replacement_left``.
    """
    sample = await repository.sample_of(session, actor, exam, for_update=True)
    if sample.state != SampleState.DRAWN or sample.draw_sha256 is None:
        raise DomainError("sample.not_drawn")
    if exam.state not in _REPLACEABLE:
        raise DomainError("sample.too_late", params={"state": exam.state})
    if body.school_code in await schools_with_sheets(session, exam):
        raise DomainError("sample.school_has_marks", params={"school_code": body.school_code})
    draw = await asyncio.to_thread(get_schools, store, sample.draw_sha256)
    replacement = rules.next_replacement(draw, sample.replacements, body.school_code)
    entry = {"school_code": body.school_code, "replacement": replacement, "reason": body.reason}
    moment = {"at": clock.now().isoformat(), "by": actor.subject}
    sample.replacements = [*sample.replacements, entry | moment]
    sample.version += 1
    note(session, actor, "sample_school.replaced", exam.code, entry)
    await session.flush()
    return sample
