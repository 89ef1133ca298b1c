"""Rungs in a growth record."""

from __future__ import annotations

from services.teacher_eval.growth.sections import Entry, Figure, Reading, Section
from services.teacher_eval.titles import repository
from services.teacher_eval.titles.tables import Title

STATES = {
    "nominated": {"zh": "已推荐", "en": "nominated"},
    "returned": {"zh": "退回", "en": "returned"},
    "reviewed": {"zh": "已审核", "en": "reviewed"},
    "in_publicity": {"zh": "公示中", "en": "in publicity"},
    "recognized": {"zh": "在任", "en": "held"},
    "refused": {"zh": "未认定", "en": "refused"},
    "withdrawn": {"zh": "已撤回", "en": "withdrawn"},
    "ended": {"zh": "已结束", "en": "ended"},
}
_FIGURES = {
    "open_lessons": {"zh": "示范课", "en": "open lessons"},
    "lectures": {"zh": "讲座", "en": "lectures"},
    "mentees": {"zh": "指导教师", "en": "mentees"},
    "research_projects": {"zh": "课题", "en": "research projects"},
}


async def titles_section(reading: Reading) -> Section | None:
    """Every rung the person was nominated for, and what follow-ups found."""
    found = await repository.all_of_person(reading.session, reading.everywhere, reading.staff_key)
    entries: list[Entry] = []
    for title, of in found:
        name = of.rung_content["name"]
        day = title.recognized_on or title.nominated_on
        state = STATES[title.state]
        entries.append(Entry(on=day, name=name, state=state, text=_term(title), document=title.document))
        for each in await repository.follow_ups_of(reading.session, reading.everywhere, title):
            figures = [Figure(name=label, value=each.figures[code]) for code, label in _FIGURES.items()]
            followed = {"zh": f"{name['zh']}跟踪评估", "en": f"Follow-up: {name['en']}"}
            entries.append(Entry(on=each.evaluated_on, name=followed, text=each.body, figures=figures))
    if not entries:
        return None
    entries.sort(key=lambda entry: entry.on)
    return Section(code="titles", name={"zh": "梯级称号", "en": "Rungs"}, entries=entries)


def _term(title: Title) -> str | None:
    if title.term_begins_on is None or title.term_ends_on is None:
        return None
    return f"{title.term_begins_on} – {title.ended_on or title.term_ends_on}"
