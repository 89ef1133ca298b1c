"""Registering cycles, and moving cycles and schools through their lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles import repository
from services.teacher_eval.cycles.documents import scheme_of, sound_scheme
from services.teacher_eval.cycles.gates import missing_before
from services.teacher_eval.cycles.rules import (
    CYCLE_LIFE,
    SCHOOL_LIFE,
    CycleState,
    SchoolState,
    require_nobody_missing,
    require_state,
)
from services.teacher_eval.cycles.schemas import CycleIn
from services.teacher_eval.cycles.tables import Cycle, SchoolCycle
from services.teacher_eval.schemes.mounted import SCHEMES
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job
from shared.kernel.records import keep
from shared.kits.schemes.repository import version_of
from shared.scoring.scheme.tree import Evaluator, Leaf, Scheme
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

OPEN_CYCLE_JOB = "open_cycle"


@dataclass(frozen=True, slots=True)
class SchoolOpened:
    """A school's evaluation, ready to be worked on by somebody."""

    cycle: Cycle
    school: SchoolCycle
    scheme: Scheme
    actor: Actor

    @property
    def key(self) -> dict[str, str]:
        """Natural key, as the change feed and the audit log name it."""
        return {"cycle": self.cycle.code, "school_code": self.school.school_code}

    @property
    def leaves(self) -> Mapping[str, Leaf]:
        """Leaves of the scheme by code."""
        return {leaf.code: leaf for leaf in self.scheme.leaves()}

    def require(self, *states: SchoolState) -> None:
        """Raises ``cycle.not_now``."""
        require_state(SchoolState(self.school.state), states)


async def open_school(
    session: AsyncSession, *, code: str, school_code: str, actor: Actor, is_locked: bool = False
) -> SchoolOpened:
    """A school's evaluation, as it stands or locked; raises ``resource.not_found``."""
    cycle = await repository.cycle_by_code(session, actor, code)
    find = repository.school_for_update if is_locked else repository.school_of
    school = await find(session, actor, cycle.id, school_code)
    return SchoolOpened(cycle, school, await scheme_of(cycle), actor)


async def put_cycle(
    session: AsyncSession, *, code: str, body: CycleIn, row: Cycle | None, actor: Actor
) -> tuple[Cycle, bool]:
    """Registers a cycle, or changes a draft; the same body again changes nothing.

    Returns:
        The cycle, and whether it is new.

    Raises:
        DomainError: ``cycle.not_editable``; ``resource.not_found`` for a version that is not there; what
            :func:`sound_scheme` refuses.
    """
    definition = body.model_dump(mode="json")
    if row is not None and row.definition == definition:
        return row, False
    if row is not None and row.state != CycleState.DRAFT:
        raise DomainError("cycle.not_editable", params={"state": row.state})
    version = await version_of(session, SCHEMES, actor, body.scheme, body.scheme_version)
    await sound_scheme(version, body.as_of)
    is_new = row is None
    row = row or Cycle(code=code, org_path=actor.org, created_by=actor.subject, version=0, state=CycleState.DRAFT)
    row.school_year, row.as_of, row.definition = body.school_year, body.as_of, definition
    row.scheme_code, row.scheme_document, row.scheme_sha256 = body.scheme, version.document, version.sha256
    detail = {"scheme": body.scheme, "version": version.number, "sha256": version.sha256}
    await keep_cycle(session, row, "registered" if is_new else "changed", actor=actor, detail=detail)
    return row, is_new


async def ask_opening(session: AsyncSession, *, code: str, actor: Actor) -> Job:
    """Asks for a cycle to be opened: a job freezes schools and staff from the roster."""
    row = await repository.cycle_for_update(session, actor, code)
    CYCLE_LIFE.target("open", CycleState(row.state))
    args = {"cycle_id": str(row.id), "cycle": row.code}
    return await enqueue(session, actor, OPEN_CYCLE_JOB, args=args, org_path=row.org_path, lock=f"cycle-{row.id}")


async def archive_cycle(session: AsyncSession, *, code: str, actor: Actor) -> Cycle:
    """Archives a cycle; raises ``cycle.schools_not_filed`` while a school has not been filed."""
    row = await repository.cycle_for_update(session, actor, code)
    CYCLE_LIFE.target("archive", CycleState(row.state))
    counts = await repository.state_counts(session, actor, row.id)
    left = sum(count for state, count in counts.items() if state not in (SchoolState.FILED, SchoolState.ARCHIVED))
    if left:
        raise DomainError("cycle.schools_not_filed", params={"total": left})
    return await move_cycle(session, row, "archive", actor=actor)


async def move_cycle(
    session: AsyncSession, row: Cycle, step: str, *, actor: Actor, detail: Mapping[str, Any] | None = None
) -> Cycle:
    """Takes one step of a cycle's life."""
    row.state = CYCLE_LIFE.target(step, CycleState(row.state))
    await keep_cycle(session, row, row.state, actor=actor, detail=detail)
    return row


async def keep_cycle(
    session: AsyncSession, row: Cycle, action: str, *, actor: Actor, detail: Mapping[str, Any] | None = None
) -> None:
    """Writes a cycle with its counted version, audit note and change record."""
    key = {"cycle": row.code}
    await keep(session, row, resource="cycles", action=f"cycle.{action}", key=key, actor=actor, detail=detail)


async def advance(session: AsyncSession, *, opened: SchoolOpened, step: str, accept_reason: str | None) -> None:
    """Takes a school to its next step, if nobody is missing or it goes on without them for a reason, which is kept.

    Raises:
        DomainError: ``workflow.not_allowed``, ``cycle.members_missing``, ``cycle.not_filled_in``.
    """
    SCHOOL_LIFE.target(step, SchoolState(opened.school.state))
    if step == "begin_self_evaluation":
        _require_filled(opened)
    counts = await pass_gate(session, opened=opened, step=step, accept_reason=accept_reason)
    await move_school(session, opened, step, detail={"accept_reason": accept_reason, **counts})


async def pass_gate(
    session: AsyncSession, *, opened: SchoolOpened, step: str, accept_reason: str | None
) -> dict[str, int]:
    """Holds a step up while somebody is missing, unless it goes on for a reason, which is kept; returns how many."""
    missing = await missing_before(session, school=opened.school, scheme=opened.scheme, step=step, actor=opened.actor)
    require_nobody_missing(missing, accept_reason=accept_reason)
    counts = {what: len(keys) for what, keys in missing.items() if keys}
    if counts:
        opened.school.accepted = [*opened.school.accepted, {"step": step, "reason": accept_reason, **counts}]
    return counts


async def move_school(
    session: AsyncSession,
    opened: SchoolOpened,
    step: str,
    *,
    reason: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Takes one step of a school's life on a locked row."""
    row = opened.school
    row.state = SCHOOL_LIFE.target(step, SchoolState(row.state))
    row.state_reason = reason
    await keep_school(session, opened, row.state, detail={"step": step, "reason": reason, **(detail or {})})


async def keep_school(
    session: AsyncSession, opened: SchoolOpened, action: str, *, detail: Mapping[str, Any] | None = None
) -> None:
    """Writes a school's evaluation with its counted version, audit note and change record."""
    await keep(
        session,
        opened.school,
        resource="school_cycles",
        action=f"school_cycle.{action}",
        key=opened.key,
        actor=opened.actor,
        detail=detail,
    )


async def burden_of(session: AsyncSession, *, cycle: Cycle, actor: Actor) -> dict[str, Any]:
    """Figures entered by hand per visible person, and the leaves of the scheme by who fills them."""
    leaves = list((await scheme_of(cycle)).leaves())
    entered = sum(Evaluator.SELF in leaf.evaluators for leaf in leaves)
    computed = sum(Evaluator.PLATFORM in leaf.evaluators for leaf in leaves)
    return dict(await repository.burden_figures(session, actor, cycle.id)) | {
        "leaf_count": len(leaves),
        "entered_leaves": entered,
        "computed_leaves": computed,
        "judged_by_others_leaves": len(leaves) - entered - computed,
    }


def _require_filled(opened: SchoolOpened) -> None:
    """Figures that are computed must be there to be seen and disputed."""
    needs = any(Evaluator.PLATFORM in leaf.evaluators for leaf in opened.scheme.leaves())
    if needs and opened.cycle.filled is None:
        raise DomainError("cycle.not_filled_in")
