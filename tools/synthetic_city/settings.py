"""What a synthetic city is asked for. Everything a city depends on is here; two equal settings are the same city."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from shared.scoring.subjects import Subject

#: Changes when equal settings may give another city.
GENERATOR_VERSION = "1.0.0"
MIN_SCHOOLS = 30
MIN_PUPILS_PER_SCHOOL = 30

SUBJECTS = (
    Subject("chinese", Decimal(150)),
    Subject("math", Decimal(150)),
    Subject("english", Decimal(150)),
    Subject("physics", Decimal(90)),
    Subject("chemistry", Decimal(60)),
    Subject("biology", Decimal(50), step=Decimal(1)),
    Subject("politics", Decimal(60), step=Decimal(1)),
    Subject("history", Decimal(60), step=Decimal(1)),
    Subject("geography", Decimal(50), step=Decimal(1)),
)
SUBJECT_NAMES = dict(
    zip(
        (subject.code for subject in SUBJECTS),
        ("语文", "数学", "英语", "物理", "化学", "生物", "道德与法治", "历史", "地理"),
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class Exam:
    """One city-wide exam; every exam but the first is judged by the one before.

    Args:
        code: lower-case name, unique.
        name_zh: its Chinese name.
        held_on: its day.
        school_year: the school year it falls in; pupils sit it where they were in that year.
    """

    code: str
    name_zh: str
    held_on: dt.date
    school_year: str


LAST_YEAR, THIS_YEAR = "2024-2025", "2025-2026"
EXAMS = (
    Exam("entry", "入口监测", dt.date(2025, 6, 25), LAST_YEAR),
    Exam("midyear", "学年中监测", dt.date(2026, 1, 10), THIS_YEAR),
    Exam("exit", "出口监测", dt.date(2026, 6, 25), THIS_YEAR),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkModel:
    """Parameters of the marks; standard deviations are shares of a subject's full mark.

    An exam's mark is ``mean + slope · (mark before − its mean) + school + class + residual``, brought to the grid.

    Args:
        entry_mean: expected share of the full mark in the first exam.
        entry_sd: its standard deviation over pupils.
        entry_between: share of that variance that lies between schools.
        poverty_pull: correlation of a school's entry level with its poverty, negated.
        mean: expected share of the full mark in the later exams.
        slope: β, marks after per mark before (both as shares of the full mark).
        school_sd: τ, standard deviation of school effects.
        class_sd: κ, of class effects within schools.
        residual_sd: σ, of pupils within classes.
        subject_correlation: correlation of two subjects' entry abilities and residuals within a school.
        school_correlation: correlation of two subjects' effects of one school.
        persistence: correlation of a school's effects in two exams.
        absent_rate: expected share of absentees at the mean; weak pupils are absent more often.
        void_rate: share of papers that are voided.
    """

    entry_mean: float = 0.60
    entry_sd: float = 0.14
    entry_between: float = 0.2
    poverty_pull: float = 0.5
    mean: float = 0.58
    slope: float = 0.75
    school_sd: float = 0.03
    class_sd: float = 0.008
    residual_sd: float = 0.09
    subject_correlation: float = 0.6
    school_correlation: float = 0.6
    persistence: float = 0.8
    absent_rate: float = 0.012
    void_rate: float = 0.0004


@dataclass(frozen=True, slots=True, kw_only=True)
class CitySettings:
    """A city.

    Args:
        schools: number of schools, at least 30.
        pupils: number of pupils, at least 30 per school; those who leave during the last year are among them.
        seed: same seed, same city.
        subjects: papers of every exam, the same for all grades.
        exams: in order of time; the first in the year before.
        marks: parameters of the marks.
        item_subject: subject whose ability stands behind the item sheet of the last exam.
        choice_items: number of choice items of that sheet.
        open_items: number of items with partial credit.
        mover_rate: share of pupils who came from another school of the county at the turn of the year.
        arrival_rate: share who came from outside the city then.
        leaver_rate: share who leave the city in the middle of this year.
        with_anomalies: whether anomalies are planted.

    Raises:
        ValueError: too few schools or pupils, no second exam, or an unknown item subject.
    """

    schools: int
    pupils: int
    seed: int = 1
    subjects: tuple[Subject, ...] = SUBJECTS
    exams: tuple[Exam, ...] = EXAMS
    marks: MarkModel = MarkModel()
    item_subject: str = "math"
    choice_items: int = 15
    open_items: int = 10
    mover_rate: float = 0.02
    arrival_rate: float = 0.005
    leaver_rate: float = 0.01
    with_anomalies: bool = True

    def __post_init__(self) -> None:
        if self.schools < MIN_SCHOOLS:
            raise ValueError(f"{self.schools} schools: ten areas with three stages need at least {MIN_SCHOOLS}")
        if self.pupils < MIN_PUPILS_PER_SCHOOL * self.schools:
            raise ValueError(f"{self.pupils} pupils: at least {MIN_PUPILS_PER_SCHOOL} per school are needed")
        if len(self.exams) < 2 or self.exams[0].school_year != LAST_YEAR:
            raise ValueError("the first exam lies in last year, and at least one follows")
        if self.item_subject not in {subject.code for subject in self.subjects}:
            raise ValueError(f"no subject {self.item_subject!r}")

    def as_json(self) -> dict[str, Any]:
        """The settings with the generator's version, ready to be written as JSON."""
        return {"generator_version": GENERATOR_VERSION, **asdict(self)}
