"""Opening a class's term and moving it on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archive_terms import repository
from services.student_eval.archive_terms.rules import TERM_LIFE, TermState
from services.student_eval.archive_terms.tables import ArchiveNotice, ArchiveTerm
from services.student_eval.archives.chain import EntryKind
from services.student_eval.archives.keepers import keep_at
from services.student_eval.archives.log import Archive, Saying, all_held, archives_of, say
from shared.kernel.records import keep
from shared.kits.publicity.repository import newest_opened, standing_notice
from shared.kits.publicity.service import draft_notice, end_notice, open_notice, withdraw_notice
from shared.kits.subject import Subject
from shared.policy.student_archives import archive_policy
from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError
from shared.workflow.calendar import WorkingCalendar
from shared.workflow.publicity import NoticeState

KIND = "archive_term"


def subject_of(row: ArchiveTerm, actor: Actor) -> Subject:
    """What notices and doubts are about."""
    return Subject(KIND, str(row.id), row.org_path, actor)


@dataclass(frozen=True, slots=True)
class ClassMembers:
    """A class as the roster has it: its pupils as ``student_key, name``; nobody when there is no such class."""

    class_code: str
    class_name: str
    school_name: str
    grade_level: int
    members: Sequence[Mapping[str, str]]


async def open_term(
    session: AsyncSession,
    *,
    org_path: str,
    school_code: str,
    of: ClassMembers,
    school_year: str,
    semester: int,
    actor: Actor,
) -> ArchiveTerm:
    """Opens a class's term for recording.

    Raises:
        DomainError: ``archive.class_empty``, ``archive.not_this_grade``,
            ``archive.term_open_already``.
    """
    if not of.members:
        raise DomainError("archive.class_empty", params={"class_code": of.class_code})
    if of.grade_level not in archive_policy().grades:
        raise DomainError("archive.not_this_grade", params={"grade_level": of.grade_level})
    row = ArchiveTerm(
        org_path=org_path,
        school_code=school_code,
        school_name=of.school_name,
        class_code=of.class_code,
        class_name=of.class_name,
        school_year=school_year,
        semester=semester,
        grade_level=of.grade_level,
        members=[dict(member) for member in of.members],
        state=TermState.RECORDING,
    )
    try:
        async with session.begin_nested():
            await _keep(session, row, "archive_term.opened", actor, {"members": len(of.members)})
    except IntegrityError:
        raise DomainError("archive.term_open_already") from None
    # The roster has them here: their archives are kept here from now on.
    await keep_at(session, actor, org_path, _keys(row))
    return row


async def move_term(session: AsyncSession, *, row: ArchiveTerm, action: str, actor: Actor) -> ArchiveTerm:
    """Takes a step that only changes the state; raises ``workflow.not_allowed``."""
    row.state = TERM_LIFE.target(action, TermState(row.state))
    await _keep(session, row, f"archive_term.{action}", actor)
    return row


async def begin_publicity(
    session: AsyncSession,
    *,
    row: ArchiveTerm,
    unsigned_reason: str | None,
    working_days: int | None,
    calendar: WorkingCalendar,
    actor: Actor,
) -> ArchiveTerm:
    """Shows what the pupils of a class chose; nothing of it can be changed meanwhile.

    Raises:
        DomainError: ``workflow.not_allowed``; ``archive.unsigned`` naming how many have not signed, without a reason;
            ``publicity.length_out_of_bounds``.
    """
    row.state = TERM_LIFE.target("begin_publicity", TermState(row.state))
    archives = await archives_of(session, actor, _keys(row))
    unsigned = [key for key, archive in archives.items() if not archive.state.is_signed(row.term)]
    if unsigned and unsigned_reason is None:
        raise DomainError("archive.unsigned", params={"count": len(unsigned), "of": len(archives)})
    row.unsigned_reason = unsigned_reason if unsigned else None
    content = _shown(row, archives, frozenset(unsigned))
    subject = subject_of(row, actor)
    notice = await draft_notice(
        session,
        table=ArchiveNotice,
        subject=subject,
        title_zh=f"{row.class_name}{row.school_year}学年第{row.semester}学期综合素质评价材料公示",
        content=content,
        rule=archive_policy().publicity_rule,
        working_days=working_days,
    )
    await open_notice(
        session, table=ArchiveNotice, subject=subject, notice_id=notice.id, content=content, calendar=calendar
    )
    detail = {"notice": str(notice.id), "sha256": notice.content_sha256, "unsigned": len(unsigned)}
    await _keep(session, row, "archive_term.begin_publicity", actor, detail)
    return row


async def withdraw_publicity(session: AsyncSession, *, row: ArchiveTerm, reason: str, actor: Actor) -> ArchiveTerm:
    """Takes the notice down before its time; what it has shown is kept. Raises ``archive.doubts_open``."""
    row.state = TERM_LIFE.target("withdraw_publicity", TermState(row.state))
    await _require_no_doubts(session, row)
    subject = subject_of(row, actor)
    notice = await standing_notice(session, ArchiveNotice, subject)
    if notice is not None:
        await withdraw_notice(session, table=ArchiveNotice, subject=subject, notice_id=notice.id, reason=reason)
    await _keep(session, row, "archive_term.withdraw_publicity", actor)
    return row


async def verify(session: AsyncSession, *, row: ArchiveTerm, actor: Actor) -> ArchiveTerm:
    """The class teacher's word, after the window, that the term was shown and looked into: into every pupil's archive.

    Raises:
        DomainError: ``workflow.not_allowed``, ``publicity.not_over``, ``archive.doubts_open``.
    """
    row.state = TERM_LIFE.target("verify", TermState(row.state))
    await _require_no_doubts(session, row)
    subject = subject_of(row, actor)
    notice = await standing_notice(session, ArchiveNotice, subject)
    if notice is not None and notice.state == NoticeState.OPEN:
        await end_notice(session, notice, actor)
    shown = notice or await newest_opened(session, ArchiveNotice, subject)
    payload = {"notice_sha256": None if shown is None else shown.content_sha256}
    role = Role.TEACHER if Role.TEACHER in actor.roles else Role.SCHOOL_ADMIN
    for archive in (await all_held(session, actor, _keys(row))).values():
        await say(session, actor, archive, Saying(EntryKind.TERM_VERIFIED, payload, role, term=row.term))
    await _keep(session, row, "archive_term.verified", actor)
    return row


def member_of(row: ArchiveTerm, student_key: str) -> Mapping[str, str]:
    """A pupil of the class; raises ``resource.not_found``."""
    for member in row.members:
        if member["student_key"] == student_key:
            return dict(member)
    raise DomainError("resource.not_found", params={"what": f"student {student_key}"})


def _keys(row: ArchiveTerm) -> list[str]:
    return [member["student_key"] for member in row.members]


def _shown(row: ArchiveTerm, archives: Mapping[str, Archive], unsigned: frozenset[str]) -> dict[str, Any]:
    return {
        "class_code": row.class_code,
        "term": row.term,
        "students": [
            {
                "student_key": member["student_key"],
                "name": member["name"],
                "is_signed": member["student_key"] not in unsigned,
                "records": [record.content for record in archives[member["student_key"]].state.selected(row.term)],
            }
            for member in row.members
            if member["student_key"] in archives
        ],
    }


async def _require_no_doubts(session: AsyncSession, row: ArchiveTerm) -> None:
    count = await repository.open_doubts(session, row)
    if count:
        raise DomainError("archive.doubts_open", params={"count": count})


async def _keep(
    session: AsyncSession, row: ArchiveTerm, action: str, actor: Actor, detail: Mapping[str, Any] | None = None
) -> None:
    key = {"school": row.school_code, "class": row.class_code, "term": row.term}
    await keep(session, row, resource="archive_terms", action=action, key=key, actor=actor, detail=detail)
