"""Files attached to things: who handed them in, what they are, what the scanner said, and whether they were withdrawn."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text, func
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from shared.kernel.database.base import Code, Identified, OrgScoped
from shared.kernel.virus_scan import ScanState
from shared.kits.evidence.recognition import FileKind

_KINDS = ",".join(f"'{kind}'" for kind in FileKind)
_STATES = ",".join(f"'{state}'" for state in ScanState)


class EvidenceFile(Identified, OrgScoped):
    """Mixin of a service's table of evidence. Rows are final but for the scan and one withdrawal (by trigger)."""

    subject_type: Mapped[str] = mapped_column(Code)
    subject_key: Mapped[str] = mapped_column(Code)
    sha256: Mapped[str] = mapped_column(Code)
    size: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    caption: Mapped[str | None] = mapped_column(Text)
    uploaded_by: Mapped[str] = mapped_column(Text)
    uploader_org: Mapped[str] = mapped_column(Code)
    uploaded_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    scan_state: Mapped[str] = mapped_column(Text, default=ScanState.NOT_SCANNED)
    scanned_at: Mapped[dt.datetime | None]
    scan_signature: Mapped[str | None] = mapped_column(Text)
    withdrawn_at: Mapped[dt.datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(Text)
    withdrawn_reason: Mapped[str | None] = mapped_column(Text)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        return (
            CheckConstraint(f"kind in ({_KINDS})", name="kind"),
            CheckConstraint(f"scan_state in ({_STATES})", name="scan_state"),
            CheckConstraint(
                "(withdrawn_at is null) = (withdrawn_by is null) and (withdrawn_at is null) = (withdrawn_reason is null)",
                name="withdrawn_with_reason",
            ),
            Index(None, "subject_type", "subject_key", "id"),
            Index(None, "sha256"),
        )
