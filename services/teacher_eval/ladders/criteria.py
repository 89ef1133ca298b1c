"""What a rung asks of a person, held against what is known: a closed set of kinds, each a model with its own check."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from services.teacher_eval.ladders.rules import Check, Facts, HonorLevel, Status, years_before
from shared.kernel.web.fields import Document, OwnCode, Strict, TwoNames
from shared.policy.annual_assessment import AnnualGrade

Years = Annotated[int, Field(ge=1, le=40)]


class _Criterion(Strict):
    code: OwnCode
    name: TwoNames
    document: Document
    verified: bool = False

    def _check(self, found: object | None, needed: object, *, met: bool) -> Check:
        if found is None:
            return Check(self.code, Status.UNKNOWN, None, str(needed))
        return Check(self.code, Status.MET if met else Status.NOT_MET, str(found), str(needed))


class RungHeld(_Criterion):
    """A rung below held for some years, gaps not counted."""

    kind: Literal["rung_held"]
    rung: OwnCode
    years: Years

    def check(self, facts: Facts, on: dt.date) -> Check:
        """Whole years of the rung up to the day."""
        days = sum(
            ((min(each.last_on or on, on)) - each.first_on).days
            for each in facts.held
            if each.rung == self.rung and each.first_on <= on
        )
        years = int(days / 365.25)
        return self._check(years, self.years, met=years >= self.years)


class TrainingHours(_Criterion):
    """Hours of training within the last years."""

    kind: Literal["training_hours"]
    hours: Annotated[int, Field(ge=1, le=5000)]
    years: Years

    def check(self, facts: Facts, on: dt.date) -> Check:
        """The sum of hours since the day some years ago."""
        if facts.hours is None:
            return self._check(None, self.hours, met=False)
        since = years_before(on, self.years)
        total = sum((hours for day, hours in facts.hours if since < day <= on), Decimal(0))
        return self._check(f"{total.normalize():f}", self.hours, met=total >= self.hours)


class EvaluationGrades(_Criterion):
    """Annual grades: so many of the last years in one of some grades."""

    kind: Literal["evaluation_grades"]
    grades: list[AnnualGrade] = Field(min_length=1, max_length=6)
    years: Annotated[int, Field(ge=1, le=10)]
    least: Annotated[int, Field(ge=1, le=10)]

    def check(self, facts: Facts, on: dt.date) -> Check:
        """Years with such a grade among the newest ones that are known, none of them older than two years more."""
        if facts.grades is None:
            return self._check(None, self.least, met=False)
        recent = sorted((year for year in facts.grades if int(year[:4]) >= on.year - self.years - 2), reverse=True)
        good = sum(facts.grades[year] in self.grades for year in recent[: self.years])
        return self._check(good, self.least, met=good >= self.least)


class Honors(_Criterion):
    """Certified honors of a level or higher within the last years."""

    kind: Literal["honors"]
    level: HonorLevel
    least: Annotated[int, Field(ge=1, le=50)]
    years: Years

    def check(self, facts: Facts, on: dt.date) -> Check:
        """How many there are."""
        if facts.honors is None:
            return self._check(None, self.least, met=False)
        order, since = list(HonorLevel), years_before(on, self.years)
        allowed = set(order[: order.index(self.level) + 1])
        count = sum(level in allowed and since < day <= on for level, day in facts.honors)
        return self._check(count, self.least, met=count >= self.least)


class Mentoring(_Criterion):
    """Completed pairs, as mentor or as the one mentored."""

    kind: Literal["mentoring"]
    role: Literal["mentor", "mentee"]
    least: Annotated[int, Field(ge=1, le=50)]

    def check(self, facts: Facts, on: dt.date) -> Check:
        """How many there are."""
        days = facts.mentored if self.role == "mentor" else facts.apprenticed
        if days is None:
            return self._check(None, self.least, met=False)
        count = sum(day <= on for day in days)
        return self._check(count, self.least, met=count >= self.least)


class ConductClean(_Criterion):
    """No confirmed violation of conduct in effect within the last years."""

    kind: Literal["conduct_clean"]
    years: Years

    def check(self, facts: Facts, on: dt.date) -> Check:
        """How many violations reach into these years; none may."""
        if facts.violations is None:
            return self._check(None, 0, met=False)
        since = years_before(on, self.years)
        count = sum(first <= on and last > since for first, last in facts.violations)
        return self._check(count, 0, met=count == 0)


class Stated(_Criterion):
    """A figure nobody here can work out: the school states it with a document, and the county looks at that."""

    kind: Literal["stated"]
    unit: TwoNames
    least: Annotated[Decimal, Field(ge=0, le=10_000)]

    def check(self, facts: Facts, on: dt.date) -> Check:
        """The figure that was stated."""
        del on
        value = facts.stated.get(self.code)
        return self._check(value, self.least, met=value is not None and value >= self.least)


Criterion = Annotated[
    RungHeld | TrainingHours | EvaluationGrades | Honors | Mentoring | ConductClean | Stated,
    Field(discriminator="kind"),
]


def checks(criteria: Sequence[Criterion], facts: Facts, on: dt.date) -> list[Check]:
    """Every criterion held against the facts, in order.

    What is stated for a criterion that nothing here can answer counts in its place; it never counts against what is known.
    """
    found = []
    for criterion in criteria:
        check = criterion.check(facts, on)
        if check.status is Status.UNKNOWN and not isinstance(criterion, Stated) and criterion.code in facts.stated:
            value = facts.stated[criterion.code]
            is_met = value == 0 if isinstance(criterion, ConductClean) else value >= Decimal(check.needed)
            check = Check(check.code, Status.MET if is_met else Status.NOT_MET, str(value), check.needed)
        found.append(check)
    return found
