"""What a kind of sheet brings to its intake: how it is read, and how a sound sheet is put in force."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.repository import resending_until
from services.monitoring.exams.rules import ExamState, require_sending
from services.monitoring.exams.tables import Exam
from services.monitoring.intake.sheets import ReadSheet, StoredSheets
from services.monitoring.intake.tables import Upload
from shared.kernel import clock
from shared.kernel.context import Kernel
from shared.terms.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """One file on its way in; ``subject`` for item sheets, ``school_code`` where the address names it."""

    kernel: Kernel
    actor: Actor
    exam: Exam
    school_code: str | None
    dry_run: bool
    subject: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A kind of sheet.

    Args:
        resource: its name in the audit log: ``mark_sheets``.
        job: name of the job that reads large files.
        read: reads, checks and stores a file of a format; nothing is in force yet.
        replace: puts the sound sheet of one school in force; ``created``, ``replaced`` or ``unchanged``.
        report: what the record keeps beside counts: of a read file.
        settle: what else a file changes once its sound sheets are in force.
    """

    resource: str
    job: str
    read: Callable[[AsyncSession, Intake, Path, str], Awaitable[StoredSheets]]
    replace: Callable[[AsyncSession, Intake, Upload, StoredSheets, str], Awaitable[str]]
    report: Callable[[ReadSheet, Intake], Mapping[str, Any]]
    settle: Callable[[AsyncSession, Intake, Upload, StoredSheets], Awaitable[None]] | None = None


async def require_open(session: AsyncSession, intake: Intake) -> None:
    """Sheets are taken only while the exam collects them; in checking, from a school that may send again, alone.

    Raises:
        DomainError: ``exam.not_collecting``, ``exam.in_checking``.
    """
    exam, until = intake.exam, None
    if exam.state == ExamState.CHECKING and intake.school_code is not None:
        until = await resending_until(session, intake.actor, exam, intake.school_code)
    require_sending(ExamState(exam.state), resend_until=until, at=clock.now())
