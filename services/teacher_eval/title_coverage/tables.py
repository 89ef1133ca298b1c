"""How many holders of a rung an office sets out to have."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, SmallInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.teacher_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned


class TitleTarget(Identified, Versioned, OrgScoped, Base):
    """A number of holders by the end of a year, for a city, a county or a school."""

    __tablename__ = "title_targets"
    __table_args__ = (
        UniqueConstraint("org_path", "ladder", "rung", "goal_year"),
        CheckConstraint("goal_count >= 0", name="goal_count"),
    )

    ladder: Mapped[str] = mapped_column(Code)
    rung: Mapped[str] = mapped_column(Code)
    goal_year: Mapped[int] = mapped_column(SmallInteger)
    goal_count: Mapped[int]
    document: Mapped[str] = mapped_column(Text)
    verified: Mapped[bool]
