"""Terms of classes that keep archives, their notices and the doubts raised about what they show."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Index, SmallInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.student_eval.archive_terms.rules import TermState
from services.student_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned
from shared.kits.appeals.tables import Appeal, AppealMessage
from shared.kits.publicity.tables import Notice

_STATES = ",".join(f"'{state}'" for state in TermState)


class ArchiveTerm(Identified, Versioned, OrgScoped, Base):
    """A class in a semester, with its pupils as they were enrolled when it was opened."""

    __tablename__ = "archive_terms"
    __table_args__ = (
        UniqueConstraint("school_code", "class_code", "school_year", "semester"),
        CheckConstraint(f"state in ({_STATES})", name="state"),
        CheckConstraint("semester in (1, 2)", name="semester"),
        Index("ix_archive_terms_org_path_id", "org_path", "id"),
    )

    school_code: Mapped[str] = mapped_column(Code)
    class_code: Mapped[str] = mapped_column(Code)
    grade_level: Mapped[int] = mapped_column(SmallInteger)
    school_year: Mapped[str] = mapped_column(Code)
    semester: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(Text, default=TermState.RECORDING)
    #: As the roster had them when the term was opened.
    school_name: Mapped[str] = mapped_column(Text)
    class_name: Mapped[str] = mapped_column(Text)
    #: ``student_key, name`` of every pupil.
    members: Mapped[list[Any]]
    # Pupils whose choice was not signed when the term was shown, and why it was shown all the same.
    unsigned_reason: Mapped[str | None] = mapped_column(Text)

    @property
    def term(self) -> str:
        """The semester, as entries of archives name it."""
        return f"{self.school_year}-{self.semester}"


class ArchiveNotice(Notice, Base):
    """What pupils of a class chose, while it is shown."""

    __tablename__ = "archive_notices"


class ArchiveDoubt(Appeal, Base):
    """A doubt about something that is shown."""

    __tablename__ = "archive_doubts"


class ArchiveDoubtMessage(AppealMessage, Base):
    """What was said about a doubt."""

    __tablename__ = "archive_doubt_messages"
    __appeals__ = "archive_doubts"
