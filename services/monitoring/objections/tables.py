"""Objections of schools to their published figures, what was said, and the files sent with them."""

from __future__ import annotations

from typing import ClassVar

from services.monitoring.database import Base
from shared.kits.appeals.tables import Appeal, AppealMessage
from shared.kits.evidence.tables import EvidenceFile


class Objection(Appeal, Base):
    """One objection of one school to the results of one exam; its ``subject_key`` is the exam's code."""

    __tablename__ = "objections"


class ObjectionMessage(AppealMessage, Base):
    """One entry of its thread."""

    __tablename__ = "objection_messages"
    __appeals__: ClassVar[str] = "objections"


class ObjectionEvidence(EvidenceFile, Base):
    """A file sent with it."""

    __tablename__ = "objection_evidence"
