"""Disputes over figures filled in: raised by the person until the others judge, decided by the school or the county."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles import repository as cycles
from services.teacher_eval.cycles.service import SchoolOpened
from services.teacher_eval.evaluations import repository
from services.teacher_eval.evaluations.rules import DISPUTE_LIFE, DISPUTING, DisputeState, Judge, require_other
from services.teacher_eval.evaluations.schemas import DecisionIn, DisputeIn
from services.teacher_eval.evaluations.service.opened import Opened
from services.teacher_eval.evaluations.service.values import set_value
from services.teacher_eval.evaluations.tables import FigureDispute
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.scoring.scheme.entered_values import Raw, applies, canonical
from shared.scoring.scheme.tree import Evaluator, Leaf
from shared.terms.errors import DomainError, Fault


async def raise_dispute(session: AsyncSession, *, opened: Opened, body: DisputeIn, shown: str | None) -> FigureDispute:
    """A person says that a figure filled in for them is wrong.

    Raises:
        DomainError: ``cycle.not_now``, ``dispute.not_computed``, ``dispute.already_open``, ``request.invalid``.
    """
    opened.require(*DISPUTING)
    leaf = opened.leaves.get(body.leaf)
    is_filled = leaf is not None and Evaluator.PLATFORM in leaf.evaluators and applies(leaf, opened.attributes)
    if leaf is None or not is_filled:
        raise DomainError("dispute.not_computed", params={"leaf": body.leaf})
    if await repository.open_dispute(session, opened.actor, opened.member.id, leaf.code):
        raise DomainError("dispute.already_open", params={"leaf": leaf.code})
    row = FigureDispute(
        school_cycle_id=opened.school.id,
        member_id=opened.member.id,
        staff_key=opened.member.staff_key,
        org_path=opened.school.org_path,
        leaf=leaf.code,
        state=DisputeState.RAISED,
        shown_value=shown,
        claimed_value=_value(leaf, body.claimed_value, "/claimed_value"),
        reason=body.reason,
        raised_by=opened.actor.subject,
        raised_at=clock.now(),
    )
    session.add(row)
    await _tell(session, opened, row)
    return row


async def decide(
    session: AsyncSession, *, opened: SchoolOpened, row: FigureDispute, step: str, body: DecisionIn
) -> FigureDispute:
    """Accepts or refuses a dispute; accepted with a value, that value counts from now on.

    Without a value the figure is mended at its source and comes when the figures are filled in again.

    Raises:
        DomainError: ``workflow.not_allowed``, ``cycle.not_now``, ``evaluation.own``, ``request.invalid``.
    """
    opened.require(*DISPUTING)
    require_other(opened.actor, row.staff_key)
    row.state = DISPUTE_LIFE.target(step, DisputeState(row.state))
    row.ended_at, row.ended_by, row.decision_reason = clock.now(), opened.actor.subject, body.reason
    if step == "accept" and body.is_corrected:
        row.decided_value = _value(opened.leaves[row.leaf], body.value, "/value")
        member = await cycles.member_of(session, opened.actor, opened.school, row.staff_key)
        person = Opened(opened.cycle, opened.school, opened.scheme, opened.actor, member)
        await set_value(
            session, opened=person, leaf=row.leaf, value=row.decided_value, judge=Judge.DISPUTE, reason=body.reason
        )
    await _tell(session, opened, row)
    return row


async def withdraw(session: AsyncSession, *, opened: Opened, row: FigureDispute) -> FigureDispute:
    """The person takes a dispute back; raises ``workflow.not_allowed``, ``resource.not_found`` of another's."""
    if row.staff_key != opened.member.staff_key:
        raise DomainError("resource.not_found", params={"what": f"dispute {row.id}"})
    row.state = DISPUTE_LIFE.target("withdraw", DisputeState(row.state))
    row.ended_at, row.ended_by = clock.now(), opened.actor.subject
    await _tell(session, opened, row)
    return row


def _value(leaf: Leaf, value: Raw, pointer: str) -> str | None:
    try:
        return canonical(leaf, value)
    except ValueError as error:
        params = {"leaf": leaf.code, "allowed": str(error)}
        fault = Fault("evaluation.value_invalid", pointer=pointer, allowed=str(error), params=params)
        raise DomainError("request.invalid", faults=[fault]) from error


async def _tell(session: AsyncSession, opened: SchoolOpened, row: FigureDispute) -> None:
    """The words stay in the row."""
    await session.flush()
    key = {"cycle": opened.cycle.code, "school_code": opened.school.school_code, "dispute": str(row.id)}
    note(session, opened.actor, f"figure_dispute.{row.state}", "/".join(key.values()), {"leaf": row.leaf})
    await record_changes(session, "figure_disputes", Operation.UPSERTED, [(row.org_path, key)])
