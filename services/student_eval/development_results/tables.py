"""What a class's term came to: computations, each final; what pupils are told now; counts for pictures."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ForeignKey, Index, SmallInteger, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.student_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped


class DevelopmentResult(Identified, OrgScoped, Base):
    """A computation of a class's term: what it rests on and its frames, by hash. Never changed, by a trigger."""

    __tablename__ = "development_results"
    __table_args__ = (UniqueConstraint("term_id", "number"),)

    term_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("development_terms.id"))
    number: Mapped[int]
    # Scheme, policy and where filled levels are from.
    inputs: Mapped[dict[str, Any]]
    inputs_sha256: Mapped[str] = mapped_column(Code)
    # Files of the columnar store: values, sources, scores, totals. Classes computed together share them.
    frames: Mapped[dict[str, Any]]
    student_count: Mapped[int]
    # Why it was reported although words were missing.
    accept_reason: Mapped[str | None] = mapped_column(Text)
    computed_by: Mapped[str] = mapped_column(Text)
    computed_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class PupilDevelopment(Identified, OrgScoped, Base):
    """What a pupil is told of a term: grades by dimension, indicator and checkpoint; neither a total nor a place."""

    __tablename__ = "pupil_developments"
    __table_args__ = (
        UniqueConstraint("term_id", "student_key"),
        Index("ix_pupil_developments_student_key", "student_key", "school_year", "semester"),
    )

    term_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("development_terms.id"))
    result_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("development_results.id"))
    student_key: Mapped[str] = mapped_column(Code)
    school_year: Mapped[str] = mapped_column(Code)
    semester: Mapped[int] = mapped_column(SmallInteger)
    # {node: grade}, of nodes that have one.
    grades: Mapped[dict[str, Any]]


class DevelopmentCount(OrgScoped, Base):
    """How many pupils of a class have a grade in a dimension or indicator, or as a whole (node ``all``)."""

    __tablename__ = "development_counts"
    __table_args__ = (Index("ix_development_counts_school_year", "school_year", "semester", "node", "org_path"),)

    term_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("development_terms.id"), primary_key=True)
    node: Mapped[str] = mapped_column(Code, primary_key=True)
    grade: Mapped[str] = mapped_column(Code, primary_key=True)
    scheme_code: Mapped[str] = mapped_column(Code)
    county_code: Mapped[str] = mapped_column(Code)
    school_code: Mapped[str] = mapped_column(Code)
    class_code: Mapped[str] = mapped_column(Code)
    grade_level: Mapped[int] = mapped_column(SmallInteger)
    school_year: Mapped[str] = mapped_column(Code)
    semester: Mapped[int] = mapped_column(SmallInteger)
    pupils: Mapped[int]
    # Sum of the shares of full marks, for means of schools.
    share_sum: Mapped[float]
