"""Finding the version of an exam's results that a reader gets, and what the reader sees of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.repository import exam_by_code
from services.monitoring.exams.tables import Exam
from services.monitoring.results import repository, rules
from services.monitoring.results.reading import Question, require_applicable
from services.monitoring.results.tables import ResultSet
from services.monitoring.samples.rules import is_drawn_sample
from shared.kernel.audit import log as audit
from shared.policy.visibility import RankDisclosure, ResultVisibility, result_visibility
from shared.terms.actor import Actor
from shared.terms.education import stage_of_grade
from shared.terms.errors import DomainError


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A version of an exam's results, and what its reader sees of it."""

    exam: Exam
    result_set: ResultSet
    visibility: ResultVisibility

    @property
    def min_n(self) -> int:
        """Smallest group whose figures leave its school."""
        return int(self.result_set.manifest["min_n"])

    @property
    def is_drawn(self) -> bool:
        """Whether the exam's schools are a drawn sample."""
        return is_drawn_sample(self.result_set.manifest["definition"])

    def content(self, frame: str) -> str:
        """What a table's answers follow from: the version and the frame's file."""
        return f"{self.result_set.version} {self.files.get(frame, {}).get('sha256')}"

    def question(self, frame: str, filters: Mapping[str, str] | None = None, *, with_ranks: bool = False) -> Question:
        """A question about one of the frames, asked by this reader."""
        return Question(
            table=frame,
            visibility=self.visibility,
            min_n=self.min_n,
            filters=filters or {},
            with_ranks=with_ranks,
            is_drawn=self.is_drawn,
        )

    @property
    def files(self) -> Mapping[str, Mapping[str, Any]]:
        """The frames' files by name."""
        frames: Mapping[str, Mapping[str, Any]] = self.result_set.manifest["frames"]
        return frames

    @property
    def changes(self) -> Mapping[str, Mapping[str, Any]]:
        """Files of rows changed since the version before, by table."""
        return self.result_set.manifest.get("changes") or {}


async def open_results(session: AsyncSession, *, code: str, actor: Actor, version: str | None) -> Reading:
    """The version of an exam's results that a reader asks for; without a pin the one in force.

    Raises:
        DomainError: ``resource.not_found``, ``results.not_published``, ``results.version_malformed``,
            ``results.version_unknown``, ``results.withdrawn``.
    """
    exam, versions = await _versions(session, code=code, actor=actor)
    pin = rules.version_pin(version) if version is not None else None
    return Reading(exam=exam, result_set=rules.version_to_read(versions, pin), visibility=_visibility(exam, actor))


async def open_change(session: AsyncSession, *, code: str, actor: Actor, version: str) -> tuple[Reading, Reading]:
    """A version, and the one it replaced while that stood.

    Raises:
        DomainError: as :func:`open_results`; ``results.replaces_nothing`` for a first version, also after a withdrawal: what
            was withdrawn is not shown again, not even to say what became of it.
    """
    exam, versions = await _versions(session, code=code, actor=actor)
    after = rules.version_to_read(versions, rules.version_pin(version))
    replaced = after.manifest.get("replaces")
    if replaced is None:
        raise DomainError("results.replaces_nothing", params={"version": after.version})
    before = next(row for row in versions if row.version == replaced)
    seen = _visibility(exam, actor)
    newer = Reading(exam=exam, result_set=after, visibility=seen)
    return Reading(exam=exam, result_set=before, visibility=seen), newer


async def list_versions(
    session: AsyncSession, *, code: str, actor: Actor, version: str | None
) -> tuple[Sequence[ResultSet], ResultSet | None]:
    """Every version, newest first, and the one whose manifest is asked for: pinned, or in force (``None`` if withdrawn).

    Raises:
        DomainError: as :func:`open_results`; without a pin a withdrawal is no refusal, for the list tells its reason.
    """
    _, versions = await _versions(session, code=code, actor=actor)
    if version is not None:
        return versions, rules.version_to_read(versions, rules.version_pin(version))
    return versions, versions[0] if versions[0].state == rules.PUBLISHED else None


async def require_place(session: AsyncSession, reading: Reading, actor: Actor, filters: Mapping[str, str]) -> None:
    """Refuses filters that name a place outside the reader's organization, as if it did not exist.

    Raises:
        DomainError: ``resource.not_found``.
    """
    county, school = filters.get("county_code"), filters.get("school_code")
    if county is not None and not county.startswith(reading.visibility.area):
        raise DomainError("resource.not_found", params={"what": "county_code"})
    if school is not None and not await repository.has_school(session, actor, reading.exam, school):
        raise DomainError("resource.not_found", params={"what": "school_code"})


def candidates_question(reading: Reading, table: str, filters: Mapping[str, str], *, ranks: bool) -> Question:
    """The question for the own school's candidates in one of the tables that name them.

    Raises:
        DomainError: ``results.ranks_withheld`` with the rule, when ranks are asked for where the law gives none.
    """
    require_applicable(table, filters)
    if ranks and reading.visibility.candidate_ranks is RankDisclosure.NEVER:
        rule = next(made.rule for made in reading.visibility.decisions if made.about == "candidate_ranks")
        raise DomainError("results.ranks_withheld", params={"rule": f"{rule.id} {rule.title['zh']}"})
    return reading.question(table, filters, with_ranks=ranks)


def note_candidates(
    session: AsyncSession, reading: Reading, actor: Actor, *, table: str, rows: int, ranks: bool
) -> None:
    """Notes that candidates' marks were read: by whom, which table, how many, with or without ranks."""
    detail = {
        "table": table,
        "version": reading.result_set.version,
        "school_code": reading.visibility.own_school,
        "rows": rows,
        "ranks": ranks,
    }
    audit.note(session, actor, f"{table}.read", reading.exam.code, detail)


async def _versions(session: AsyncSession, *, code: str, actor: Actor) -> tuple[Exam, Sequence[ResultSet]]:
    exam = await exam_by_code(session, actor, code)
    if _visibility(exam, actor).sees_nothing:
        raise DomainError("auth.forbidden", params={"action": "results.read"})
    versions = await repository.versions_of(session, actor, exam)
    if not versions:
        raise DomainError("results.not_published")
    return exam, versions


def _visibility(exam: Exam, actor: Actor) -> ResultVisibility:
    return result_visibility(actor, stage=stage_of_grade(exam.grade_level), exam_kind=exam.kind)
