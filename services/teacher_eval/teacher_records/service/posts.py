"""Posts that the roster knows, taken over from the register of staff: nobody types them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.record_kinds.service import catalog_in_force
from services.teacher_eval.teacher_records import repository
from services.teacher_eval.teacher_records.entry import SAID
from services.teacher_eval.teacher_records.rules import RecordState
from services.teacher_eval.teacher_records.service.entries import kind_of, new_record, say, version_of
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.kernel.ids import new_id
from shared.kernel.web.organizations import code_of
from shared.terms.actor import Actor
from shared.terms.errors import DomainError, Fault

KIND, SYSTEM = "posts", "roster"
#: Codes of the roster's list of posts (JY/T 1001) and what they are here.
CATEGORIES: Mapping[str, str] = {"21": "subject_group_leader", "22": "grade_leader", "23": "class_teacher"}


async def take_posts(session: AsyncSession, *, starts_on: dt.date, actor: Actor) -> tuple[int, int]:
    """Hands in a record for everybody on active staff whose post says so; again it changes nothing.

    Args:
        session: the transaction.
        starts_on: first day of the term of office, e.g. of the school year.
        actor: for whose organization.

    Returns:
        How many were added, and how many there were already.

    Raises:
        DomainError: ``request.invalid`` for a day in the future.
    """
    today = clock.today()
    if starts_on > today:
        fault = Fault("record.day_impossible", pointer="/starts_on", value=str(starts_on), allowed=f"≤ {today}")
        raise DomainError("request.invalid", faults=[fault])
    kind = kind_of(await catalog_in_force(session, actor), KIND)
    await repository.hold_source(session, actor.org, SYSTEM)
    holders = await repository.post_holders(session, actor, CATEGORIES)
    named = {f"{starts_on}/{staff_key}/{post}": (staff_key, post, path) for staff_key, post, path in holders}
    known = await repository.records_of_source(session, actor, SYSTEM, named)
    rows = []
    for source_id, (staff_key, post, org_path) in named.items():
        if (org_path, source_id) in known:
            continue
        row = new_record(staff_key=staff_key, kind=KIND, org_path=org_path, actor=actor)
        entry = dict.fromkeys(SAID) | {"happened_on": starts_on, "category": CATEGORIES[post], "fields": {}}
        say(row, KIND, kind, entry)
        row.id, row.source, row.source_system, row.source_id = new_id(), SYSTEM, SYSTEM, source_id
        row.state, row.submitted_at, row.version = RecordState.SUBMITTED, clock.now(), 1
        rows.append(row)
    session.add_all(rows)
    await session.flush()
    session.add_all(version_of(row, action="import", reason=None, actor=actor) for row in rows)
    note(session, actor, "records.posts_taken", code_of(actor.org), {"created": len(rows), "known": len(known)})
    keys = [(row.org_path, {"organization": code_of(row.org_path), "record": str(row.id)}) for row in rows]
    await record_changes(session, "teacher_records", Operation.UPSERTED, keys)
    return len(rows), len(known)
