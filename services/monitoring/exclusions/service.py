"""Accounting for pupils without a row, and for rows without a pupil."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.repository import counties_of_schools, hold_exam, participants_for_update
from services.monitoring.exams.rules import ACCOUNTING, ExamState
from services.monitoring.exams.tables import Exam
from services.monitoring.exclusions import repository
from services.monitoring.exclusions.checks import COLUMNS, Surroundings, check_exclusions, placed
from services.monitoring.exclusions.schemas import ExclusionIn
from services.monitoring.exclusions.tables import Exclusion
from services.monitoring.intake.sheets import CANDIDATE, COUNTY, SCHOOL
from services.monitoring.mark_sheets.checks import STUDENT, STUDENT_KEY
from services.monitoring.mark_sheets.repository import current_sheets
from services.monitoring.samples.rules import is_sample_kind
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.context import Kernel
from shared.kernel.ids import new_id
from shared.kernel.tabular.columns import ROW, TableLimits
from shared.kernel.tabular.faults import FaultTable
from shared.kernel.tabular.read import read_table
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel, path_segments, school_path

LIMITS = TableLimits(bytes=2 * 2**20, rows=5_000, cells=200_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A list of exclusions as it came: typed rows, and the faults of reading it."""

    frame: pl.DataFrame
    faults: FaultTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounted:
    """What came of a list: outcome and id by row, and every fault."""

    outcomes: Mapping[int, tuple[str, Any]]
    faults: FaultTable

    @property
    def counts(self) -> Counter[str]:
        """Rows by outcome."""
        return Counter(outcome for outcome, _ in self.outcomes.values())


def listed_items(items: Sequence[ExclusionIn]) -> Listed:
    """A list given as JSON; its rows are counted from 1."""
    names = [column.name for column in COLUMNS]
    rows = [(number, *(getattr(item, name) for name in names)) for number, item in enumerate(items, start=1)]
    frame = pl.DataFrame(rows, schema={ROW: pl.UInt32, **dict.fromkeys(names, pl.String)}, orient="row")
    blank = [pl.col(name).str.strip_chars().replace("", None) for name in names]
    return Listed(frame=frame.with_columns(blank), faults=FaultTable(sensitive=frozenset({STUDENT})))


def listed_file(path: Path, media_type: str) -> Listed:
    """A list given as a file. Blocks: call it in a thread. Raises ``table.*`` for one that cannot be read at all."""
    table = read_table(path, media_type_or_name=media_type, columns=COLUMNS, limits=LIMITS, source_id=CANDIDATE)
    return Listed(frame=table.frame, faults=table.faults)


async def account(
    session: AsyncSession, kernel: Kernel, *, exam: Exam, listed: Listed, actor: Actor, dry_run: bool = False
) -> Accounted:
    """Puts the sound entries of a list in force, in place of what was said of the same pupil or row before.

    Args:
        session: the transaction.
        kernel: holds the store and the key of the pseudonyms.
        exam: the exam.
        listed: the list.
        actor: who accounts.
        dry_run: check only.

    Raises:
        DomainError: ``exam.not_accounting`` unless the exam is collecting or checking.
    """
    await hold_exam(session, exam)
    if ExamState(exam.state) not in ACCOUNTING or exam.roster_sha256 is None:
        raise DomainError("exam.not_accounting", params={"state": exam.state})
    own = path_segments(actor.org)[-1] if actor.level is OrgLevel.SCHOOL else None
    schools = await counties_of_schools(session, actor, exam)
    frame = placed(listed.frame, schools, own)
    concerned = sorted(frame.filter(pl.col(COUNTY).is_not_null())[SCHOOL].unique())
    await participants_for_update(session, actor, exam, concerned)
    sheets = [sheet for sheet in await current_sheets(session, actor, exam) if sheet.school_code in set(concerned)]

    def work() -> pl.DataFrame:
        keys = [SCHOOL, CANDIDATE, STUDENT_KEY]
        roster = kernel.columns.get(str(exam.roster_sha256), columns=[STUDENT_KEY, SCHOOL])
        if is_sample_kind(exam.kind):
            # That a pupil stands in the roster tells that his school was drawn; a school learns that of itself alone.
            roster = roster.filter(pl.col(SCHOOL).is_in(list(schools)))
        parts = [kernel.columns.get(sheet.sha256, columns=keys).select(keys) for sheet in sheets]
        found = Surroundings(
            participants=schools,
            school_code=own,
            roster=roster,
            rows=pl.concat(parts) if parts else pl.DataFrame(schema=dict.fromkeys(keys, pl.String)),
            key=kernel.settings.key("person_key"),
        )
        return check_exclusions(frame, listed.faults, found)

    checked = await asyncio.to_thread(work)
    return await _put_in_force(session, checked, listed.faults, exam=exam, actor=actor, dry_run=dry_run)


async def _put_in_force(
    session: AsyncSession, frame: pl.DataFrame, faults: FaultTable, *, exam: Exam, actor: Actor, dry_run: bool
) -> Accounted:
    general = faults.frame[ROW].null_count() > 0  # a fault of the header spoils the whole list
    faulty = set(frame[ROW]) if general else set(faults.faulty_rows())
    sound = frame.filter(~pl.col(ROW).is_in(sorted(faulty)))
    before = {
        (row.school_code, row.student_key, row.candidate_id): row
        for row in await repository.exclusions_of_schools(session, exam, sorted(sound[SCHOOL].unique()))
    }
    outcomes: dict[int, tuple[str, Any]] = dict.fromkeys(sorted(faulty), ("refused", None))
    replaced, made = [], []
    for entry in sound.iter_rows(named=True):
        old = before.get((entry[SCHOOL], entry[STUDENT_KEY], entry[CANDIDATE]))
        if old is not None and _says_the_same(old, entry):
            outcomes[entry[ROW]] = ("unchanged", old.id)
            continue
        new = _exclusion(exam, entry, actor)
        made.append(new)
        replaced += [old.id] if old is not None else []
        outcomes[entry[ROW]] = ("valid", None) if dry_run else ("created" if old is None else "replaced", new.id)
    if not dry_run and made:
        await repository.withdraw(session, replaced, by=actor.subject)
        session.add_all(made)
        await session.flush()
        by_reason = Counter(row.reason_code for row in made)
        note(session, actor, "exclusions.made", exam.code, {"by_reason": dict(sorted(by_reason.items()))})
    return Accounted(outcomes=dict(sorted(outcomes.items())), faults=faults)


async def withdraw_exclusion(session: AsyncSession, *, exam: Exam, exclusion: Exclusion, actor: Actor) -> None:
    """Takes one back: the pupil or row is unaccounted for again. Raises ``exam.not_accounting``."""
    await hold_exam(session, exam)
    if ExamState(exam.state) not in ACCOUNTING:
        raise DomainError("exam.not_accounting", params={"state": exam.state})
    await repository.withdraw(session, [exclusion.id], by=actor.subject)
    detail = {"exclusion": str(exclusion.id), "reason": exclusion.reason_code}
    note(session, actor, "exclusion.withdrawn", exam.code, detail)


async def keep_true(session: AsyncSession, *, exam: Exam, school_code: str, sheet: pl.DataFrame, actor: Actor) -> None:
    """Holds a sheet about to be in force against what was said of the school's pupils and rows.

    What was said of rows that are no longer there is taken back.

    Raises:
        DomainError: ``exclusion.changed_meanwhile`` when a pupil of the sheet has been excluded since it was read.
    """
    said = await repository.exclusions_of_schools(session, exam, [school_code])
    if not said:
        return
    pupils, unlinked = set(sheet[STUDENT_KEY].drop_nulls()), set(sheet.filter(pl.col(STUDENT_KEY).is_null())[CANDIDATE])
    if any(row.student_key in pupils for row in said):
        raise DomainError("exclusion.changed_meanwhile")
    gone = [row.id for row in said if row.candidate_id is not None and row.candidate_id not in unlinked]
    await repository.withdraw(session, gone, by=actor.subject)


def _says_the_same(row: Exclusion, entry: Mapping[str, Any]) -> bool:
    return all(getattr(row, name) == entry[name] for name in ("reason_code", "document_number", "note"))


def _exclusion(exam: Exam, entry: Mapping[str, Any], actor: Actor) -> Exclusion:
    return Exclusion(
        id=new_id(),
        exam_id=exam.id,
        school_code=entry[SCHOOL],
        county_code=entry[COUNTY],
        org_path=school_path(entry[COUNTY], entry[SCHOOL]),
        student_key=entry[STUDENT_KEY],
        candidate_id=entry[CANDIDATE],
        reason_code=entry["reason_code"],
        document_number=entry["document_number"],
        note=entry["note"],
        made_by=actor.subject,
        made_at=clock.now(),
    )
