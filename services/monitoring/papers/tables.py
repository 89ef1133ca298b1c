"""Papers: the items of one subject of an exam."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.monitoring.database import Base
from shared.kernel.database.base import Code, Identified, OrgShared, Versioned


class Paper(Identified, Versioned, OrgShared, Base):
    """The paper of one subject; every school reads it, only its holder writes it."""

    __tablename__ = "papers"
    __table_args__ = (UniqueConstraint("exam_id", "subject"),)

    exam_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("exams.id"))
    subject: Mapped[str] = mapped_column(Code)
    # {"marks_from_options": ..., "items": [{"code", "kind", "full_mark", "step", "options", "key", ...}, ...]}
    content: Mapped[dict[str, Any]]
    # Keys corrected after sheets had come in: [{"item", "old_key", "new_key", "reason", "corrected_at"}, ...]
    corrections: Mapped[list[Any]]
