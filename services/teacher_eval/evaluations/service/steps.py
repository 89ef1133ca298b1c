"""A person's own steps: values confirmed, the self-evaluation submitted, a leader's material looked at and shown."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles.rules import SchoolState, next_self_step
from services.teacher_eval.evaluations import repository
from services.teacher_eval.evaluations.rules import DISPUTING, Judge, leaves_of, missing_to_submit, require_other
from services.teacher_eval.evaluations.service.opened import Opened, keep_member
from shared.kernel import clock
from shared.policy.annual_assessment import tracks
from shared.terms.errors import DomainError, Fault

MATERIAL = ("material_reviewed", "material_shown")


async def missing_of(
    session: AsyncSession, *, opened: Opened, with_evidence: Collection[str], statement: str | None
) -> list[Fault]:
    """What the person still owes before submitting."""
    return missing_to_submit(
        leaves_of(opened.scheme, opened.attributes, Judge.SELF),
        await repository.held_of(session, opened.actor, opened.member.id),
        with_evidence=with_evidence,
        is_evidence_required=opened.cycle.definition["is_evidence_required"],
        needs_statement=MATERIAL[0] in tracks()[opened.member.track].self_steps,
        statement=statement,
    )


async def submit(
    session: AsyncSession, *, opened: Opened, with_evidence: Collection[str], statement: str | None
) -> None:
    """Submits the self-evaluation, with the report of duties where the track has one.

    Raises:
        DomainError: ``cycle.not_now``, ``evaluation.submitted``, ``evaluation.incomplete`` with everything that is missing.
    """
    opened.require(SchoolState.SELF_EVALUATION)
    if "submitted" in opened.member.done:
        raise DomainError("evaluation.submitted")
    words = statement or opened.member.statement
    faults = await missing_of(session, opened=opened, with_evidence=with_evidence, statement=words)
    if faults:
        raise DomainError("evaluation.incomplete", faults=faults)
    opened.member.statement = words
    await _done(session, opened, "submitted")


async def recall(session: AsyncSession, *, opened: Opened) -> None:
    """Takes a submission back while nobody has looked at it; raises ``evaluation.not_submitted``."""
    opened.require(SchoolState.SELF_EVALUATION)
    if set(opened.member.done) != {"submitted"}:
        raise DomainError("evaluation.not_submitted")
    opened.member.done = {}
    await keep_member(session, opened, "recalled")


async def return_to_person(session: AsyncSession, *, opened: Opened, reason: str) -> None:
    """The school returns a submission, saying why; raises ``evaluation.not_submitted``, ``evaluation.own``."""
    opened.require(SchoolState.SELF_EVALUATION)
    require_other(opened.actor, opened.member.staff_key)
    if "submitted" not in opened.member.done:
        raise DomainError("evaluation.not_submitted")
    opened.member.done = {}
    opened.member.change_reason = reason
    await keep_member(session, opened, "returned", detail={"reason": reason})


async def take_material_step(session: AsyncSession, *, opened: Opened, step: str) -> None:
    """A leader's material is looked at, then shown to the school: both before others judge.

    Raises:
        DomainError: ``cycle.not_now``, ``evaluation.own``, ``evaluation.step_not_next`` naming what comes first.
    """
    opened.require(SchoolState.SELF_EVALUATION)
    require_other(opened.actor, opened.member.staff_key)
    expected = next_self_step(opened.member.track, opened.member.done)
    if expected != step:
        raise DomainError("evaluation.step_not_next", params={"step": step, "next": expected or "-"})
    await _done(session, opened, step)


async def confirm_figures(session: AsyncSession, *, opened: Opened) -> None:
    """The person has looked at what was filled in; raises ``cycle.not_now``, ``evaluation.dispute_open``."""
    opened.require(*DISPUTING)
    if opened.member.staff_key in await repository.disputing(session, opened.actor, opened.school):
        raise DomainError("evaluation.dispute_open")
    if opened.member.figures_confirmed_at is None:
        opened.member.figures_confirmed_at = clock.now()
        await keep_member(session, opened, "figures_confirmed")


async def _done(session: AsyncSession, opened: Opened, step: str) -> None:
    opened.member.done = {**opened.member.done, step: clock.now().isoformat()}
    await keep_member(session, opened, step)
