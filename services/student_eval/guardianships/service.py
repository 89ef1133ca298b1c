"""Entering guardians, one or a file, and ending it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.guardianships import repository
from services.student_eval.guardianships.tables import Guardianship
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.kernel.database.scope import everywhere
from shared.kernel.records import keep
from shared.policy.minors import minors_policy
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

RESOURCE = "guardianships"


@dataclass(frozen=True, slots=True)
class Named:
    """A guardian of a pupil, as entered."""

    student_key: str
    guardian_key: str
    relation: str
    document: str | None


@dataclass(frozen=True, slots=True)
class Entered:
    """What was done: rows that are new, that said something else before, that said the same."""

    created: Sequence[Guardianship] = ()
    changed: Sequence[Guardianship] = ()
    unchanged: Sequence[Guardianship] = ()


def fault_of(named: Named) -> tuple[str, str] | None:
    """Field and fault code of what cannot stand, or ``None``."""
    if named.student_key == named.guardian_key:
        return "guardian_key", "guardianship.oneself"
    if minors_policy().relations[named.relation].needs_document and not named.document:
        return "document", "guardianship.document_missing"
    return None


async def enter(
    session: AsyncSession, actor: Actor, *, org_path: str, entries: Iterable[Named], source: str, is_kept: bool = True
) -> Entered:
    """Enters guardians of a school's pupils. A pair that stands at another school comes along with the pupil.

    Args:
        session: the transaction.
        actor: who enters them.
        org_path: the school; the pupils are enrolled there.
        entries: each pair once, without a fault.
        source: ``entered``, or the file.
        is_kept: otherwise nothing is stored.
    """
    wanted = list(entries)
    known = await repository.standing_of_students(session, actor, {each.student_key for each in wanted})
    created, changed, unchanged = [], [], []
    for each in wanted:
        row = known.get((each.student_key, each.guardian_key))
        if row is None:
            created.append(_row(each, org_path, source))
        elif (row.org_path, row.relation, row.document) != (org_path, each.relation, each.document):
            changed.append(row)
            if is_kept:
                row.org_path, row.relation, row.document, row.source = org_path, each.relation, each.document, source
        else:
            unchanged.append(row)
    if is_kept and created + changed:
        await _store(session, actor, created, changed, source)
    return Entered(created, changed, unchanged)


async def end(session: AsyncSession, actor: Actor, *, row: Guardianship, reason: str, ended_on: dt.date) -> None:
    """Ends a guardianship; from then on nothing of the pupil is the former guardian's own.

    Raises:
        DomainError: ``guardianship.over``; ``guardianship.day_impossible`` for a day to come or before it began.
    """
    if row.ended_on is not None:
        raise DomainError("guardianship.over", params={"ended_on": row.ended_on.isoformat()})
    if not row.started_on <= ended_on <= clock.today():
        raise DomainError("guardianship.day_impossible")
    row.ended_on, row.ended_reason = ended_on, reason
    key = {"id": str(row.id)}
    await keep(session, row, resource=RESOURCE, action="guardianship.ended", key=key, actor=actor)


async def end_of_age(session: AsyncSession, actor: Actor, *, student_key: str, age: int | None) -> int:
    """A pupil who is of age ends every guardianship; returns how many.

    Raises:
        DomainError: ``guardianship.still_minor``, also where no age is known.
    """
    if not minors_policy().is_adult(age):
        raise DomainError("guardianship.still_minor", params={"age": minors_policy().adult_from})
    rows = (await repository.standing_of_students(session, actor, [student_key])).values()
    async with everywhere(session):
        await _end_all(session, actor, rows)
    return len(rows)


async def end_of_ages(
    session: AsyncSession, actor: Actor, *, org_path: str, ages: Mapping[str, int], is_kept: bool
) -> int:
    """Ends every guardianship at a school of pupils who are of age; returns how many.

    Args:
        session: the transaction.
        actor: who does it.
        org_path: the school.
        ages: whole years of its pupils, of those whose age is known.
        is_kept: otherwise nothing is stored.

    Raises:
        DomainError: ``guardianship.elsewhere``.
    """
    if not actor.covers(org_path):
        raise DomainError("guardianship.elsewhere")
    adults = [key for key, age in ages.items() if minors_policy().is_adult(age)]
    known = await repository.standing_of_students(session, actor, adults)
    rows = [row for row in known.values() if row.org_path == org_path]
    if is_kept:
        await _end_all(session, actor, rows)
    return len(rows)


async def _end_all(session: AsyncSession, actor: Actor, rows: Iterable[Guardianship]) -> None:
    for row in rows:
        row.ended_on, row.ended_reason = clock.today(), "已成年 / of age"
        key = {"id": str(row.id)}
        await keep(session, row, resource=RESOURCE, action="guardianship.ended", key=key, actor=actor)


def _row(named: Named, org_path: str, source: str) -> Guardianship:
    return Guardianship(
        org_path=org_path,
        student_key=named.student_key,
        guardian_key=named.guardian_key,
        relation=named.relation,
        document=named.document,
        source=source,
        started_on=clock.today(),
        version=0,
    )


async def _store(
    session: AsyncSession, actor: Actor, created: list[Guardianship], changed: list[Guardianship], source: str
) -> None:
    rows = created + changed
    async with everywhere(session):
        for row in rows:
            row.version += 1
        session.add_all(rows)
        await session.flush()
    detail = {"created": len(created), "changed": len(changed)}
    note(session, actor, "guardianships.entered", source, detail)
    await record_changes(session, RESOURCE, Operation.UPSERTED, [(row.org_path, {"id": str(row.id)}) for row in rows])
