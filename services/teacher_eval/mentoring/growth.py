"""Pairs in a growth record."""

from __future__ import annotations

from services.teacher_eval.growth.sections import Entry, Figure, Reading, Section
from services.teacher_eval.mentoring import repository
from services.teacher_eval.mentoring.rules import Side, side_of

_ROLES = {
    Side.MENTOR: {"zh": "结对指导（师傅）", "en": "Mentor of a pair"},
    Side.MENTEE: {"zh": "结对学习（徒弟）", "en": "Mentee of a pair"},
}
_STATES = {
    "proposed": {"zh": "待双方同意", "en": "proposed"},
    "agreed": {"zh": "进行中", "en": "running"},
    "declined": {"zh": "未同意", "en": "declined"},
    "completed": {"zh": "已出师", "en": "completed"},
    "ended": {"zh": "已终止", "en": "ended"},
}


async def mentoring_section(reading: Reading) -> Section | None:
    """Every pair the person was one of, with lessons confirmed; the other of both is not named here."""
    session, everywhere = reading.session, reading.everywhere
    pairs = (await session.scalars(repository.pairs_of_person(everywhere, reading.staff_key))).all()
    entries = []
    for pair in pairs:
        lessons = await repository.lessons_of(session, everywhere, pair)
        confirmed = sum(lesson.confirmed_at is not None for lesson in lessons)
        heard = {"zh": "互听课（节）", "en": "lessons heard"}
        entries.append(
            Entry(
                on=pair.starts_on,
                name=_ROLES[side_of(pair.mentor_key, pair.mentee_key, reading.staff_key)],
                state=_STATES[pair.state],
                text=pair.goals,
                figures=[Figure(name=heard, value=confirmed)],
            )
        )
    if not entries:
        return None
    entries.sort(key=lambda entry: entry.on)
    return Section(code="mentoring", name={"zh": "师徒结对", "en": "Mentoring"}, entries=entries)
