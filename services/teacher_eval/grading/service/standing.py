"""Where the grading of a school stands: proposals, decisions, quota, what is missing or has to be decided anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles import repository as cycles
from services.teacher_eval.cycles.rules import LISTED
from services.teacher_eval.cycles.schemas import QuotaUnit
from services.teacher_eval.cycles.service import SchoolOpened
from services.teacher_eval.cycles.tables import Member
from services.teacher_eval.evaluations.repository import last_words
from services.teacher_eval.grading import repository
from services.teacher_eval.grading.conduct_gate import caps_of
from services.teacher_eval.grading.rules import Candidate, Proposal, Quota, proposals, school_quota
from services.teacher_eval.grading.tables import GradeDecision
from services.teacher_eval.results.repository import newest_result
from services.teacher_eval.results.tables import SchoolResult
from shared.policy.annual_assessment import AnnualGrade, LeastTotals, Rounding, tracks, ungraded_reasons
from shared.terms.errors import DomainError


@dataclass(frozen=True, slots=True)
class GradingStanding:
    """The grading of a school.

    Args:
        result: the newest version.
        members: everybody who gets a grade, whoever decides it.
        quota: of the school.
        proposed: proposals by staff key.
        decided: decisions that count, by staff key.
        caps: the best grade that conduct allows, of those who have a limit.
    """

    result: SchoolResult
    members: Sequence[Member]
    quota: Quota
    proposed: Mapping[str, Proposal]
    decided: Mapping[str, GradeDecision]
    caps: Mapping[str, AnnualGrade]

    @property
    def missing(self) -> list[str]:
        """Those without a grade."""
        return [row.staff_key for row in self.members if row.staff_key not in self.decided]

    @property
    def outdated(self) -> list[str]:
        """Those whose grade was decided on another proposal than the newest results make."""
        return [key for key, row in self.decided.items() if self._is_outdated(key, row)]

    @property
    def above_cap(self) -> list[str]:
        """Those whose grade a conduct decision does not allow any more."""
        return [key for key, row in self.decided.items() if not AnnualGrade(row.grade).is_within(self.caps.get(key))]

    def excellent(self, changed: Mapping[str, AnnualGrade] | None = None) -> int:
        """How many of the school's quota are or would be excellent."""
        grades = {key: AnnualGrade(row.grade) for key, row in self.decided.items()} | dict(changed or {})
        counted = {row.staff_key for row in self.members if tracks()[row.track].in_school_quota}
        return sum(grade is AnnualGrade.EXCELLENT and key in counted for key, grade in grades.items())

    def require_within_quota(self, changed: Mapping[str, AnnualGrade] | None = None) -> None:
        """Raises ``grading.quota_exceeded`` with the figures."""
        excellent = self.excellent(changed)
        if excellent > self.quota.seats:
            figures: dict[str, Any] = {"excellent": excellent, "quota": self.quota.seats, "base": self.quota.base}
            raise DomainError("grading.quota_exceeded", params=figures | {"rate": f"{self.quota.rate:.0%}"})

    def require_settled(self) -> None:
        """Raises ``grading.members_ungraded``, ``grading.grades_outdated``, ``grading.quota_exceeded``."""
        for code, keys in (
            ("grading.members_ungraded", self.missing),
            ("grading.grades_outdated", [*self.outdated, *self.above_cap]),
        ):
            if keys:
                raise DomainError(code, params={"total": len(keys), "members": ", ".join(keys[:LISTED])})
        self.require_within_quota()

    def _is_outdated(self, key: str, row: GradeDecision) -> bool:
        proposal = self.proposed.get(key)
        if row.result_id == self.result.id or proposal is None:
            return False
        return (row.proposed, row.note) != (proposal.grade, proposal.note)


async def standing_of(session: AsyncSession, *, opened: SchoolOpened) -> GradingStanding:
    """Where a school's grading stands; raises ``grading.not_computed``."""
    result = await newest_result(session, opened.actor, opened.school)
    if result is None:
        raise DomainError("grading.not_computed")
    everybody = await cycles.all_members(session, opened.actor, opened.school)
    members = [row for row in everybody if row.ungraded is None]
    caps = await caps_of(session, opened.cycle, [row.staff_key for row in members])
    quota = await quota_of(session, opened=opened, everybody=everybody)
    least = LeastTotals(**{name: Decimal(value) for name, value in opened.cycle.definition["least_totals"].items()})
    own, above = _split(members)
    proposed = proposals(_candidates(own, caps), seats=quota.seats, least=least)
    # Whoever the county grades is proposed what the total says; the county has a quota of its own.
    proposed |= proposals(_candidates(above, caps), seats=0, least=least)
    decisions = await repository.decisions_of(session, opened.actor, opened.school)
    decided = {row.staff_key: decisions[row.id] for row in members if row.id in decisions}
    return GradingStanding(result, members, quota, proposed, decided, caps)


async def require_fresh(session: AsyncSession, *, opened: SchoolOpened, result: SchoolResult) -> None:
    """Raises ``grading.values_changed`` where something was said after the computation."""
    words = await last_words(session, opened.cycle.id, below=opened.school.org_path)
    if words.get(opened.school.id, 0) != result.last_word:
        raise DomainError("grading.values_changed", params={"version": result.version})


async def quota_of(session: AsyncSession, *, opened: SchoolOpened, everybody: Iterable[Member]) -> Quota:
    """The quota of a school: its own, raised by an approval, or what its county allotted."""
    settings = opened.cycle.definition["quota"]
    decision = await repository.quota_decision(session, opened.actor, opened.school)
    base = sum(counts_in_base(row.track, row.ungraded) for row in everybody)
    rate = decision.rate if decision is not None and decision.rate is not None else Decimal(settings["rate"])
    allotted = None
    if settings["unit"] == QuotaUnit.COUNTY:
        allotted = decision.seats if decision is not None and decision.seats is not None else 0
    return school_quota(base, rate=rate, rounding=Rounding(settings["rounding"]), allotted=allotted)


def counts_in_base(track: str, ungraded: str | None) -> bool:
    """Whether somebody is among those of whom the school's quota is counted."""
    return tracks()[track].in_school_quota and (ungraded is None or ungraded_reasons()[ungraded].counts)


def _split(members: Sequence[Member]) -> tuple[list[Member], list[Member]]:
    own = [row for row in members if tracks()[row.track].in_school_quota]
    return own, [row for row in members if not tracks()[row.track].in_school_quota]


def _candidates(members: Iterable[Member], caps: Mapping[str, AnnualGrade]) -> list[Candidate]:
    return [Candidate(row.staff_key, row.group, row.total, caps.get(row.staff_key)) for row in members]
