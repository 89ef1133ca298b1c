"""Publishing results, withdrawing them, and finding the version a reader gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.analyses.repository import last_finished
from services.monitoring.analyses.service import is_current
from services.monitoring.analyses.tables import Analysis
from services.monitoring.exams.repository import exam_by_code
from services.monitoring.exams.rules import LIFE, ExamState
from services.monitoring.exams.service import move_exam
from services.monitoring.exams.tables import Exam
from services.monitoring.results import repository, rules
from services.monitoring.results.reading import Question, require_applicable
from services.monitoring.results.tables import ResultSet
from shared.kernel import clock
from shared.kernel.audit import log as audit
from shared.kernel.changes.feed import Operation, record_changes
from shared.policy.visibility import RankDisclosure, ResultVisibility, result_visibility
from shared.terms.actor import Actor
from shared.terms.education import stage_of_grade
from shared.terms.errors import DomainError


async def publish(session: AsyncSession, *, exam: Exam, actor: Actor, note: str | None) -> ResultSet:
    """Publishes the last analysis of an exam as a new version.

    Args:
        session: the transaction.
        exam: the exam, locked.
        actor: who publishes.
        note: a remark kept with the version.

    Raises:
        DomainError: ``workflow.not_allowed``, ``results.analysis_missing``, ``results.analysis_outdated``.
    """
    LIFE.target("publish", ExamState(exam.state))
    analysis = await last_finished(session, actor, exam)
    if analysis is None:
        raise DomainError("results.analysis_missing")
    if not await is_current(session, exam=exam, analysis=analysis, actor=actor):
        raise DomainError("results.analysis_outdated")
    row = await _next_version(session, exam, actor, state=rules.PUBLISHED, reason=note)
    row.analysis_id = analysis.id
    row.manifest = _manifest(row, analysis, exam_code=exam.code)
    return await _put_in_force(session, row, exam=exam, actor=actor, action="publish")


async def withdraw(session: AsyncSession, *, exam: Exam, actor: Actor, reason: str) -> ResultSet:
    """Withdraws what is published by a newer version that holds nothing but the reason.

    Raises:
        DomainError: ``workflow.not_allowed``.
    """
    LIFE.target("withdraw", ExamState(exam.state))
    row = await _next_version(session, exam, actor, state=rules.WITHDRAWN, reason=reason)
    row.manifest = {"exam": exam.code, "version": row.version, "withdrawn_at": row.published_at.isoformat()}
    return await _put_in_force(session, row, exam=exam, actor=actor, action="withdraw")


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

    def content(self, frame: str) -> str:
        """What a table's answers follow from: the version and the frame's file."""
        return f"{self.result_set.version} {self.files[frame]['sha256']}"

    def question(self, frame: str, filters: Mapping[str, str] | None = None, *, with_ranks: bool = False) -> Question:
        """A question about one of the frames, asked by this reader."""
        return Question(
            table=frame,
            visibility=self.visibility,
            min_n=self.min_n,
            filters=filters or {},
            with_ranks=with_ranks,
        )

    @property
    def files(self) -> Mapping[str, Mapping[str, Any]]:
        """The frames' files by name."""
        frames: Mapping[str, Mapping[str, Any]] = self.result_set.manifest["frames"]
        return frames


async def open_results(session: AsyncSession, *, code: str, actor: Actor, version: str | None) -> Reading:
    """The version of an exam's results that a reader asks for; without a pin the one in force.

    Raises:
        DomainError: ``resource.not_found``, ``results.not_published``, ``results.version_malformed``,
            ``results.version_unknown``, ``results.withdrawn``.
    """
    exam, versions = await _versions(session, code=code, actor=actor)
    pin = rules.version_pin(version) if version is not None else None
    return Reading(exam=exam, result_set=rules.version_to_read(versions, pin), visibility=_visibility(exam, actor))


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
    if school is not None and school not in await repository.school_names(session, actor, reading.exam):
        raise DomainError("resource.not_found", params={"what": "school_code"})


def standings_question(reading: Reading, filters: Mapping[str, str], *, ranks: bool) -> Question:
    """The question for the own school's candidates.

    Raises:
        DomainError: ``results.ranks_withheld`` with the rule, when ranks are asked for where the law gives none.
    """
    require_applicable("standings", filters)
    if ranks and reading.visibility.candidate_ranks is RankDisclosure.NEVER:
        rule = next(made.rule for made in reading.visibility.decisions if made.about == "candidate_ranks")
        raise DomainError("results.ranks_withheld", params={"rule": f"{rule.id} {rule.title['zh']}"})
    return reading.question("standings", filters, with_ranks=ranks)


def note_standings(session: AsyncSession, reading: Reading, actor: Actor, *, rows: int, ranks: bool) -> None:
    """Notes that candidates' marks were read: by whom, how many, with or without ranks."""
    detail = {
        "version": reading.result_set.version,
        "school_code": reading.visibility.own_school,
        "rows": rows,
        "ranks": ranks,
    }
    audit.note(session, actor, "standings.read", reading.exam.code, detail)


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


async def _next_version(
    session: AsyncSession, exam: Exam, actor: Actor, *, state: str, reason: str | None
) -> ResultSet:
    versions = await repository.versions_of(session, actor, exam)
    return ResultSet(
        exam_id=exam.id,
        org_path=exam.org_path,
        major=rules.next_major(versions),
        minor=0,
        patch=0,
        state=state,
        reason=reason,
        published_by=actor.subject,
        published_at=clock.now(),
    )


async def _put_in_force(session: AsyncSession, row: ResultSet, *, exam: Exam, actor: Actor, action: str) -> ResultSet:
    session.add(row)
    await session.flush()
    await move_exam(session, exam, action, actor=actor, reason=row.reason)
    audit.note(session, actor, f"results.{row.state}", exam.code, {"version": row.version})
    key = {"exam": exam.code, "version": row.version}
    await record_changes(session, "result_sets", Operation.UPSERTED, [(exam.org_path, key)])
    return row


def _manifest(row: ResultSet, analysis: Analysis, *, exam_code: str) -> dict[str, Any]:
    """What a reader needs to know that a copy is whole and how it came about."""
    counts: Mapping[str, Any] = analysis.counts or {}
    return {
        "exam": exam_code,
        "version": row.version,
        "published_at": row.published_at.isoformat(),
        "analysis": analysis.number,
        "inputs_sha256": analysis.inputs_sha256,
        "data_model_version": rules.DATA_MODEL_VERSION,
        "methods": analysis.methods,
        "software": analysis.software,
        "min_n": analysis.inputs["definition"]["min_n"],
        "counts": {name: counts[name] for name in ("schools", "classes", "candidates")},
        "statuses": counts["statuses"],
        "frames": analysis.frames,
    }
