"""Terms of classes whose pupils' development is described."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.student_eval.database import Base
from services.student_eval.development_terms.rules import DevelopmentState
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned

_STATES = ",".join(f"'{state}'" for state in DevelopmentState)


class DevelopmentTerm(Identified, Versioned, OrgScoped, Base):
    """A class in a semester: its pupils and teachers when it was opened, and the scheme that describes them."""

    __tablename__ = "development_terms"
    __table_args__ = (
        UniqueConstraint("school_code", "class_code", "school_year", "semester"),
        CheckConstraint(f"state in ({_STATES})", name="state"),
        CheckConstraint("semester in (1, 2)", name="semester"),
        Index("ix_development_terms_org_path_id", "org_path", "id"),
    )

    school_code: Mapped[str] = mapped_column(Code)
    county_code: Mapped[str] = mapped_column(Code)
    class_code: Mapped[str] = mapped_column(Code)
    grade_level: Mapped[int] = mapped_column(SmallInteger)
    school_year: Mapped[str] = mapped_column(Code)
    semester: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(Text, default=DevelopmentState.RECORDING)
    #: ``student_key, name`` of every pupil.
    members: Mapped[list[Any]]
    #: Staff keys of the class's teachers, those of the class first.
    teachers: Mapped[list[Any]]
    scheme_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("scheme_versions.id"))
    scheme_code: Mapped[str] = mapped_column(Code)
    scheme_number: Mapped[int]
    # The day whose weights and rules of the scheme count.
    as_of: Mapped[dt.date]
