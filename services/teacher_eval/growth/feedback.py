"""Feedback from monitoring: what the published report of a subject says of one's own classes, with its uncertainty."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.growth import repository
from services.teacher_eval.growth.sections import Entry, Figure, Names, Reading, Section
from services.teacher_eval.growth.tables import GrowthFeedback
from shared.contracts.monitoring import Monitoring
from shared.kernel.client import RemoteRefusalError
from shared.kernel.records import keep
from shared.scoring.statistics.base import Z_95
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

_MEAN = {"zh": "均分", "en": "mean"}
_GAP = {"zh": "与对照组之差", "en": "gap to the reference"}


async def keep_feedback(
    session: AsyncSession,
    *,
    staff_key: str,
    exam: str,
    subject: str,
    class_codes: Sequence[str],
    monitoring: Monitoring,
    actor: Actor,
) -> GrowthFeedback:
    """Reads what the caller may see of their own classes, and keeps it as it was shown.

    Monitoring decides what is seen: it is asked with the caller's own token. The same version again changes nothing.

    Raises:
        DomainError: ``growth.feedback_refused`` with monitoring's reason.
    """
    try:
        report = await monitoring.teaching_report(exam, subject=subject, class_codes=class_codes)
    except RemoteRefusalError as refusal:
        raise DomainError("growth.feedback_refused", params={"exam": exam, "reason": refusal.code}) from refusal
    # Through JSON, where tuples become lists: what is kept and what is compared are of one form.
    classes = json.loads(json.dumps([asdict(each) for each in report.classes]))
    content = {"exam_name_zh": report.exam_name_zh, "subject_name_zh": report.subject_name_zh, "classes": classes}
    row = await repository.feedback_for_update(session, actor, staff_key, exam, subject)
    if row is not None and row.content == content and row.results_version == report.version:
        return row
    row = row or GrowthFeedback(staff_key=staff_key, org_path=actor.org, exam=exam, subject=subject)
    row.school_year, row.held_on = report.school_year, dt.date.fromisoformat(report.held_on)
    row.results_version, row.content = report.version, content
    key = {"staff": staff_key, "exam": exam, "subject": subject}
    await keep(session, row, resource="growth_feedback", action="growth_feedback.kept", key=key, actor=actor)
    return row


async def feedback_section(reading: Reading) -> Section | None:
    """One entry a class: the mean and its distance with intervals, and what follows from what is beyond chance."""
    rows = await repository.all_feedback(reading.session, reading.everywhere, reading.staff_key)
    entries = [_entry(row, each) for row in rows for each in row.content["classes"]]
    if not entries:
        return None
    name = {"zh": "教学反馈", "en": "Feedback on teaching"}
    return Section(code="feedback", name=name, entries=entries)


def _entry(row: GrowthFeedback, each: Mapping[str, Any]) -> Entry:
    exam, subject = row.content["exam_name_zh"], row.content["subject_name_zh"]
    text = f"{exam} {subject} {each['class_code']}"
    points: list[Names] = [{"zh": told["zh"], "en": told["en"]} for told in each["suggestions"]]
    figures = [Figure(name=_MEAN, value=each["mean"], ci=_interval(each["mean"], each["se_mean"]))]
    if each["gap"] is not None:
        figures.append(Figure(name=_GAP, value=each["gap"], ci=tuple(each["gap_ci"]) if each["gap_ci"] else None))
    return Entry(
        on=row.held_on, name={"zh": text, "en": text}, document=row.results_version, figures=figures, points=points
    )


def _interval(mean: float | None, se: float | None) -> tuple[float, float] | None:
    """The 95 % interval of a mean out of its standard error."""
    if mean is None or se is None:
        return None
    return mean - Z_95 * se, mean + Z_95 * se
