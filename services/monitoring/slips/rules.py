"""What one pupil and the guardians are told of an exam: grades, and marks only where the stage allows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from shared.policy.visibility import SlipDisclosure
from shared.scoring.plan import AnalysisPlan
from shared.scoring.subjects import TOTAL, MarkStatus

#: From the best down: the rate whose threshold a mark must reach, and the words of the grade.
GRADES = (
    ("excellent", {"zh": "优秀", "en": "excellent"}),
    ("good", {"zh": "良好", "en": "good"}),
    ("pass", {"zh": "合格", "en": "qualified"}),
)
LOWEST = ("to_improve", {"zh": "待合格", "en": "to improve"})


def slip_rows(
    rows: Iterable[Mapping[str, Any]], plan: AnalysisPlan, disclosure: SlipDisclosure
) -> list[dict[str, Any]]:
    """The lines of a slip.

    Args:
        rows: ``subject``, ``mark`` and ``status`` of one candidate, as in the standings.
        plan: subjects and thresholds of the exam; a threshold the exam does not use makes no grade.
        disclosure: what the stage allows.

    Returns:
        ``subject, status, grade, grade_name, mark, full_mark`` per subject, in the exam's order, the total last; marks are
        null where only grades are told, and so is the total then: a sum of grades is no grade.
    """
    found = {row["subject"]: row for row in rows}
    subjects = [*plan.outcomes, *([plan.total] if disclosure is SlipDisclosure.MARKS else [])]
    lines = []
    for subject in subjects:
        row = found.get(subject.code)
        if row is None:
            continue
        present = row["status"] == MarkStatus.PRESENT.label
        code, name = _grade(Decimal(str(row["mark"])), subject.full_mark, plan) if present else (None, None)
        shown = present and disclosure is SlipDisclosure.MARKS
        lines.append(
            {
                "subject": subject.code,
                "status": row["status"],
                "grade": None if subject.code == TOTAL else code,
                "grade_name": None if subject.code == TOTAL else name,
                "mark": str(Decimal(str(row["mark"])).normalize()) if shown else None,
                "full_mark": str(subject.full_mark) if shown else None,
            }
        )
    return lines


def _grade(mark: Decimal, full_mark: Decimal, plan: AnalysisPlan) -> tuple[str, Mapping[str, str]]:
    thresholds = {rate.code: rate.threshold for rate in plan.rates}
    for code, name in GRADES:
        if code in thresholds and mark >= thresholds[code] * full_mark:
            return code, name
    return LOWEST
