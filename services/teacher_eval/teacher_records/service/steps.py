"""Steps of a record's life: handed in, certified, given back, refused, withdrawn, revoked."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.record_kinds.service import InForce, catalog_in_force
from services.teacher_eval.teacher_records import repository
from services.teacher_eval.teacher_records.rules import (
    LIFE,
    OWN_STEPS,
    RecordState,
    acting,
    require_certifier,
)
from services.teacher_eval.teacher_records.service.entries import kind_of, store
from services.teacher_eval.teacher_records.service.flags import judge
from services.teacher_eval.teacher_records.tables import TeacherRecord
from shared.kernel import clock
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

#: Steps that take something from somebody: the person reads why.
_REASONED = frozenset({"return", "refuse", "revoke"})


async def take_step(
    session: AsyncSession, *, row: TeacherRecord, action: str, reason: str | None, actor: Actor
) -> TeacherRecord:
    """Takes one step with a locked record.

    Raises:
        DomainError: ``workflow.not_allowed``; ``record.not_own``; ``record.reason_missing``; ``record.evidence_missing``;
            ``record.over_claimed``; and the refusals of certifying.
    """
    target = LIFE.target(action, RecordState(row.state))
    known = await catalog_in_force(session, actor)
    if action in OWN_STEPS:
        acting(actor, row.staff_key)
    else:
        _require_certifier(row, known, action=action, reason=reason, actor=actor)
    if action in ("submit", "certify"):
        await _require_evidence(session, row, known, actor)
        found = await judge(session, [row], known=known, actor=actor)
        row.flags = found.get(row.id, [])
    if action == "certify":
        # What has come to light since it was handed in needs words as well.
        _require_certifier(row, known, action=action, reason=reason, actor=actor)
        row.certified_at, row.certified_by = clock.now(), actor.subject
    elif action == "submit":
        row.submitted_at = clock.now()
    row.state = target
    await store(session, row, action=action, actor=actor, reason=reason)
    return row


def _require_certifier(row: TeacherRecord, known: InForce, *, action: str, reason: str | None, actor: Actor) -> None:
    if action in _REASONED and reason is None:
        raise DomainError("record.reason_missing", params={"action": action})
    certified_by = kind_of(known, row.kind).certified_by
    has_flags = bool(row.flags) and action == "certify"
    require_certifier(actor, staff_key=row.staff_key, certified_by=certified_by, has_flags=has_flags, reason=reason)


async def _require_evidence(session: AsyncSession, row: TeacherRecord, known: InForce, actor: Actor) -> None:
    is_needed = kind_of(known, row.kind).evidence == "required"
    if is_needed and not await repository.evidence_of(session, actor, [row.id]):
        raise DomainError("record.evidence_missing")


async def certify_many(
    session: AsyncSession, *, records: Sequence[uuid.UUID], actor: Actor
) -> list[tuple[uuid.UUID, str | None]]:
    """Certifies what can be certified without a word; of the others, why not.

    Everything is decided before anything is written; a record with flags is looked at alone.
    """
    known = await catalog_in_force(session, actor)
    rows = await repository.records_for_update(session, actor, records)
    with_files = await repository.evidence_of(session, actor, list(rows))
    fine, outcome = [], dict[uuid.UUID, str | None]()
    for record in dict.fromkeys(records):
        row = rows.get(record)
        problem = "resource.not_found" if row is None else _problem_of(row, known, with_files.keys(), actor)
        outcome[record] = problem
        if row is not None and problem is None:
            fine.append(row)
    found = await judge(session, fine, known=known, actor=actor, refuse=False) if fine else {}
    for row in fine:
        row.flags = found.get(row.id, [])
        if row.flags:
            outcome[row.id] = "record.flag_reason_missing"
            continue
        row.state, row.certified_at, row.certified_by = RecordState.CERTIFIED, clock.now(), actor.subject
        await store(session, row, action="certify", actor=actor)
    return list(outcome.items())


def _problem_of(row: TeacherRecord, known: InForce, with_files: Collection[str], actor: Actor) -> str | None:
    try:
        LIFE.target("certify", RecordState(row.state))
        _require_certifier(row, known, action="certify", reason=None, actor=actor)
    except DomainError as error:
        return error.code
    is_needed = kind_of(known, row.kind).evidence == "required"
    return "record.evidence_missing" if is_needed and str(row.id) not in with_files else None
