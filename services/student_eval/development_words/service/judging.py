"""The class teacher's words: on many pupils at once, those without a fault are taken; comments likewise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.development_terms.opened import TermOpened
from services.student_eval.development_terms.rules import require_teacher
from services.student_eval.development_words import repository
from services.student_eval.development_words.rules import TIMES, WordSource, word_fault
from services.student_eval.development_words.schemas import CommentIn, OwnWordIn, WordIn
from services.student_eval.development_words.tables import DevelopmentComment, DevelopmentWord
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.terms.errors import Fault


@dataclass(slots=True)
class Taken:
    """What came of many words."""

    written: int = 0
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)


async def judge(session: AsyncSession, *, opened: TermOpened, items: Sequence[WordIn]) -> Taken:
    """Takes levels of many pupils; a fault keeps its own row out and no other.

    Raises:
        DomainError: ``development.not_your_class``, ``development.not_now``.
    """
    require_teacher(opened.actor, opened.term.teachers)
    opened.require(*TIMES[WordSource.CLASS_TEACHER])
    asked, taken = opened.asked_of(WordSource.CLASS_TEACHER), Taken()
    good: dict[tuple[str, str], WordIn] = {}
    for place, item in enumerate(items):
        fault = _fault(opened, item, asked, place, is_twice=(item.student_key, item.leaf) in good)
        if fault is None:
            good[item.student_key, item.leaf] = item
        else:
            taken.faults.append(fault)
    held = {
        (row.student_key, row.leaf): row
        for row in await repository.last_words(
            session, opened.actor, opened.term.id, source=WordSource.CLASS_TEACHER, students={key for key, _ in good}
        )
    }
    rows = [
        word_row(opened, key, item, WordSource.CLASS_TEACHER)
        for (key, leaf), item in good.items()
        if is_new(item, held.get((key, leaf)))
    ]
    taken.written, taken.unchanged = len(rows), len(good) - len(rows)
    await repository.add_words(session, rows)
    detail = {"written": taken.written, "refused": len(taken.faults)}
    note(session, opened.actor, "development_term.judged", str(opened.term.id), detail)
    return taken


async def comment(session: AsyncSession, *, opened: TermOpened, items: Sequence[CommentIn]) -> Taken:
    """Takes comments to many pupils, in place of those before.

    Raises:
        DomainError: ``development.not_your_class``, ``development.not_now``.
    """
    require_teacher(opened.actor, opened.term.teachers)
    opened.require(*TIMES[WordSource.CLASS_TEACHER])
    rows = await repository.comments_of(session, opened.actor, [opened.term.id])
    held = {row.student_key: row for row in rows}
    taken = Taken()
    for place, item in enumerate(items):
        if item.student_key not in opened.students:
            taken.faults.append(Fault("development.not_in_class", pointer=f"/items/{place}/student_key"))
            continue
        row = held.get(item.student_key)
        if row is not None and row.text == item.text:
            taken.unchanged += 1
            continue
        if row is None:
            row = DevelopmentComment(
                term_id=opened.term.id, org_path=opened.term.org_path, student_key=item.student_key, version=0
            )
            held[item.student_key] = row
        row.text, row.written_by, row.version = item.text, opened.actor.subject, row.version + 1
        session.add(row)
        taken.written += 1
    await session.flush()
    detail = {"written": taken.written, "refused": len(taken.faults)}
    note(session, opened.actor, "development_term.commented", str(opened.term.id), detail)
    return taken


def is_new(item: OwnWordIn, held: DevelopmentWord | None) -> bool:
    """Whether a word says something else than what was said last."""
    if held is None:
        return item.level is not None
    return (held.level, held.note) != (item.level, item.note)


def word_row(opened: TermOpened, student_key: str, item: OwnWordIn, source: WordSource) -> Mapping[str, Any]:
    """A word as it is kept."""
    return {
        "term_id": opened.term.id,
        "org_path": opened.term.org_path,
        "student_key": student_key,
        "leaf": item.leaf,
        "source": source.value,
        "level": item.level,
        "note": item.note,
        "set_by": opened.actor.subject,
        "set_at": clock.now(),
    }


def _fault(opened: TermOpened, item: WordIn, asked: frozenset[str], place: int, *, is_twice: bool) -> Fault | None:
    at = f"/items/{place}"
    if item.student_key not in opened.students:
        return Fault("development.not_in_class", pointer=f"{at}/student_key")
    if is_twice:
        return Fault("development.said_twice", pointer=at, params={"leaf": item.leaf})
    return word_fault(item.leaf, item.level, opened.leaves, asked, at=at)
