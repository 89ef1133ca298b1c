"""Who teaches what in which class, for which part and from when to when."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import CheckConstraint, Date, ForeignKey, ForeignKeyConstraint, Index, Numeric, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.roster.database import Base, Sourced, source_rules
from shared.kernel.database.base import Code, OrgScoped, Versioned


class TeachingAssignment(Versioned, OrgScoped, Sourced, Base):
    """One spell of a member of staff at a class: a subject taught, or the post of a class teacher.

    A class may be a homeroom class or a scheduled one (a group of pupils). Rows are withdrawn, never removed.
    """

    __tablename__ = "teaching_assignments"
    __table_args__ = (
        ForeignKeyConstraint(
            ["school_code", "school_year", "class_code"],
            ["classes.school_code", "classes.school_year", "classes.class_code"],
        ),
        CheckConstraint("kind in ('teaching','homeroom_teacher','deputy_homeroom_teacher')", name="kind"),
        CheckConstraint("status in ('assigned','withdrawn')", name="status"),
        CheckConstraint("(kind = 'teaching') = (subject <> '')", name="subject"),
        CheckConstraint("share > 0 and share <= 1", name="share"),
        CheckConstraint("ends_on >= starts_on", name="dates"),
        Index("ix_teaching_assignments_org_path", "org_path"),
        Index("ix_teaching_assignments_staff_key", "staff_key"),
        *source_rules("teaching_assignments"),
    )

    school_code: Mapped[str] = mapped_column(Code, primary_key=True)
    school_year: Mapped[str] = mapped_column(Code, primary_key=True)
    class_code: Mapped[str] = mapped_column(Code, primary_key=True)
    kind: Mapped[str] = mapped_column(Code, primary_key=True)
    # Empty for posts: a key has no nulls.
    subject: Mapped[str] = mapped_column(Code, primary_key=True)
    staff_key: Mapped[str] = mapped_column(Code, ForeignKey("staff.staff_key"), primary_key=True)
    # "1" is the first spell; who comes back after a leave has a second, so that corrected dates change a row, not add one.
    spell: Mapped[str] = mapped_column(Code, primary_key=True)
    share: Mapped[Decimal] = mapped_column(Numeric(5, 4))
    starts_on: Mapped[dt.date] = mapped_column(Date)
    ends_on: Mapped[dt.date] = mapped_column(Date)
    status: Mapped[str] = mapped_column(Text)
