"""Files handed in as evidence anywhere in this service, in one table."""

from __future__ import annotations

from services.teacher_eval.database import Base
from shared.kits.evidence.tables import EvidenceFile


class Evidence(EvidenceFile, Base):
    """A file that belongs to something of this service, named by kind and key."""

    __tablename__ = "evidence_files"
