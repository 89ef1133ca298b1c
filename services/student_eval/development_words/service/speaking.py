"""Words of the pupil and of guardians, and of classmates of a group."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.development_results.repository import last_numbers
from services.student_eval.development_terms.opened import TermOpened
from services.student_eval.development_terms.rules import require_teacher
from services.student_eval.development_words import repository
from services.student_eval.development_words.rules import (
    PEERS,
    TIMES,
    WordSource,
    require_asked,
    require_group,
    word_fault,
)
from services.student_eval.development_words.schemas import OwnWordIn, PeerWordIn
from services.student_eval.development_words.service.judging import is_new, word_row
from services.student_eval.development_words.tables import DevelopmentWord, PeerGroup, PeerSheet, PeerWord
from shared.kernel.audit.log import note
from shared.kernel.records import keep
from shared.terms.errors import DomainError, Fault


async def speak(
    session: AsyncSession, *, opened: TermOpened, student_key: str, source: WordSource, items: Sequence[OwnWordIn]
) -> Sequence[DevelopmentWord]:
    """The pupil's own words, or a guardian's, all or none; who may speak for whom was asked before.

    Raises:
        DomainError: ``resource.not_found`` for somebody not in the class; ``development.not_now``,
            ``development.too_young``, ``development.not_asked``; ``request.invalid`` with every fault.
    """
    opened.require_member(student_key)
    opened.require(*TIMES[source])
    asked = opened.asked_of(source)
    require_asked(source, opened.term.grade_level, asked)
    faults = [
        word_fault(item.leaf, item.level, opened.leaves, asked, at=f"/items/{place}")
        for place, item in enumerate(items)
    ]
    _refuse([fault for fault in faults if fault is not None])
    held = {row.leaf: row for row in await own_words(session, opened, student_key, source)}
    last = {item.leaf: item for item in items}
    rows = [word_row(opened, student_key, item, source) for item in last.values() if is_new(item, held.get(item.leaf))]
    await repository.add_words(session, rows)
    note(
        session, opened.actor, f"development.said_by_{source}", f"{opened.term.id}/{student_key}", {"words": len(rows)}
    )
    return await own_words(session, opened, student_key, source)


async def own_words(
    session: AsyncSession, opened: TermOpened, student_key: str, source: WordSource
) -> Sequence[DevelopmentWord]:
    """What a source said last of a pupil."""
    return await repository.last_words(session, opened.actor, opened.term.id, students=[student_key], source=source)


async def put_group(session: AsyncSession, *, opened: TermOpened, code: str, members: Sequence[str]) -> PeerGroup:
    """Makes a group of classmates, or changes one of which nobody has handed in a sheet.

    Raises:
        DomainError: ``development.not_your_class``, ``development.not_now``, ``development.too_young``,
            ``development.not_asked``, ``development.group_size``, ``development.group_began``; ``request.invalid``.
    """
    require_teacher(opened.actor, opened.term.teachers)
    opened.require(*TIMES[PEERS])
    require_asked(PEERS, opened.term.grade_level, opened.asked_of(PEERS))
    groups = await repository.all_groups(session, opened.actor, opened.term.id)
    taken = {key: group.code for group in groups for key in group.members}
    require_group(members, opened.students, taken, code=code)
    row = next((group for group in groups if group.code == code), None)
    if row is not None and await repository.sheet_counts(session, opened.actor, [row]):
        raise DomainError("development.group_began", params={"group": code})
    row = row or PeerGroup(term_id=opened.term.id, org_path=opened.term.org_path, code=code)
    row.members = sorted(set(members))
    key = {"term": str(opened.term.id), "group": code}
    await keep(
        session,
        row,
        resource="development_peer_groups",
        action="development_peer_group.set",
        key=key,
        actor=opened.actor,
        detail={"members": len(row.members)},
    )
    return row


async def own_group(session: AsyncSession, *, opened: TermOpened, rater: str) -> PeerGroup:
    """The group somebody is in; raises ``resource.not_found``."""
    for group in await repository.all_groups(session, opened.actor, opened.term.id):
        if rater in group.members:
            return group
    raise DomainError("resource.not_found", params={"what": "own peer group"})


async def hand_in(session: AsyncSession, *, opened: TermOpened, rater: str, items: Sequence[PeerWordIn]) -> int:
    """Takes one sheet. Nothing that tells whose words these are, or when they were said, is kept, in the audit log neither.

    Raises:
        DomainError: ``resource.not_found`` without a group; ``development.not_now``, ``development.handed_in``,
            ``development.peers_closed`` once the term was reported; ``request.invalid`` with every fault.
    """
    opened.require(*TIMES[PEERS])
    # Who handed in was forgotten then; and a sheet more would show in the change of a level.
    if await last_numbers(session, opened.actor, [opened.term.id]):
        raise DomainError("development.peers_closed")
    group = await own_group(session, opened=opened, rater=rater)
    asked = opened.asked_of(PEERS)
    seen: set[tuple[str, str]] = set()
    faults: list[Fault | None] = []
    for place, item in enumerate(items):
        at, key = f"/items/{place}", (item.student_key, item.leaf)
        if item.student_key == rater or item.student_key not in group.members:
            faults.append(Fault("development.not_in_group", pointer=f"{at}/student_key"))
        elif key in seen:
            faults.append(Fault("development.said_twice", pointer=at, params={"leaf": item.leaf}))
        else:
            faults.append(word_fault(item.leaf, item.level, opened.leaves, asked, at=at))
        seen.add(key)
    _refuse([fault for fault in faults if fault is not None])
    if await repository.has_handed_in(session, opened.actor, group, rater):
        raise DomainError("development.handed_in")
    session.add(PeerSheet(group_id=group.id, rater_key=rater, org_path=group.org_path))
    # By random id, so that the order of a sheet is not the order of rows.
    words: list[PeerWord] = [
        PeerWord(
            id=uuid.uuid4(),
            term_id=opened.term.id,
            org_path=group.org_path,
            student_key=item.student_key,
            leaf=item.leaf,
            level=item.level,
        )
        for item in items
    ]
    words.sort(key=lambda word: word.id)
    session.add_all(words)
    await session.flush()
    return len(items)


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise DomainError("request.invalid", faults=faults)
