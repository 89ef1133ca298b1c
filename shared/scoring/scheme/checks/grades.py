"""Grade bands run from best to worst and leave nobody out."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from shared.scoring.rules.base import Sentence, figure
from shared.scoring.scheme.checks.base import Check, CheckContext, error
from shared.scoring.scheme.findings import Finding

MOST = 20


def grades(context: CheckContext) -> Iterator[Finding]:
    """Grades."""
    for value in context.document.grades.values:
        bands, line = value.value, value.line
        if not 2 <= len(bands) <= MOST:
            yield error("scheme.grade_count", None, line=line, count=len(bands), most=MOST)
        for better, worse in pairwise(bands):
            if worse.at_least >= better.at_least:
                yield error("scheme.grades_not_descending", None, line=line, grade=worse.grade)
        if bands and bands[-1].at_least != 0:
            yield error(
                "scheme.grades_incomplete", None, line=line, grade=bands[-1].grade, least=figure(bands[-1].at_least)
            )
        if len({band.grade for band in bands}) < len(bands):
            yield error("scheme.grade_twice", None, line=line)
        for band in bands:
            if not Decimal(0) <= band.at_least <= Decimal(100):
                yield error(
                    "scheme.grade_out_of_bounds", None, line=line, grade=band.grade, least=figure(band.at_least)
                )


CHECK = Check(
    "grades",
    Sentence(
        "等级由高到低、界值在 0 至 100 之间、最低一级从 0 起、不重名",
        "grades run from best to worst between 0 and 100, the last from 0 on, none twice",
    ),
    grades,
)
