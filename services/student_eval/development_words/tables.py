"""What is said of pupils in a term: words whose author is known, words of classmates that nobody can lead back, comments."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.student_eval.database import Base
from services.student_eval.development_words.rules import WordSource
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned

_SOURCES = ",".join(f"'{source}'" for source in WordSource)


class DevelopmentWord(OrgScoped, Base):
    """A level somebody gave on a checkpoint; the last of a source counts. Never changed, by a trigger of the database."""

    __tablename__ = "development_words"
    __table_args__ = (
        CheckConstraint(f"source in ({_SOURCES})", name="source"),
        Index("ix_development_words_term_id_student_key", "term_id", "student_key", "leaf", "source", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    term_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("development_terms.id"))
    student_key: Mapped[str] = mapped_column(Code, index=True)
    leaf: Mapped[str] = mapped_column(Code)
    source: Mapped[str] = mapped_column(Text)
    # Null where a word is taken back.
    level: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class PeerGroup(Identified, Versioned, OrgScoped, Base):
    """Classmates who describe each other; everybody is in one group at most."""

    __tablename__ = "development_peer_groups"
    __table_args__ = (UniqueConstraint("term_id", "code"),)

    term_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("development_terms.id"))
    code: Mapped[str] = mapped_column(Code)
    #: Pseudonyms, sorted.
    members: Mapped[list[Any]]


class PeerSheet(OrgScoped, Base):
    """Somebody has handed in a sheet: not when, nor what it says. Gone once the term is reported."""

    __tablename__ = "development_peer_sheets"

    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("development_peer_groups.id"), primary_key=True)
    rater_key: Mapped[str] = mapped_column(Code, primary_key=True)


class PeerWord(OrgScoped, Base):
    """A level a classmate gave, under a random id: neither whose it is nor when it was said is kept."""

    __tablename__ = "development_peer_words"
    __table_args__ = (Index("ix_development_peer_words_term_id", "term_id", "student_key", "leaf"),)

    # Random, not ordered by time as other ids are.
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    term_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("development_terms.id"))
    student_key: Mapped[str] = mapped_column(Code, index=True)
    leaf: Mapped[str] = mapped_column(Code)
    level: Mapped[str] = mapped_column(Text)


class DevelopmentComment(Identified, Versioned, OrgScoped, Base):
    """What the class teacher writes to a pupil at the end of a term."""

    __tablename__ = "development_comments"
    __table_args__ = (UniqueConstraint("term_id", "student_key"),)

    term_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("development_terms.id"))
    student_key: Mapped[str] = mapped_column(Code, index=True)
    text: Mapped[str] = mapped_column(Text)
    written_by: Mapped[str] = mapped_column(Text)
