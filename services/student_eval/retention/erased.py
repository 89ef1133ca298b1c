"""Files whose content was erased: their rows stay, nothing keeps their bytes."""

from __future__ import annotations

import uuid

from sqlalchemy import Select, select

from services.student_eval.retention.rules import ItemState
from services.student_eval.retention.tables import RetentionItem

EVIDENCE_KINDS = ("withdrawn_evidence", "archive_evidence")


def erased_evidence() -> Select[uuid.UUID]:
    """Ids of evidence whose content was erased."""
    i = RetentionItem
    return select(i.object_id).where(i.kind.in_(EVIDENCE_KINDS), i.state == ItemState.CARRIED_OUT)
