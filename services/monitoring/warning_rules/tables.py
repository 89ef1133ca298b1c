"""Parameters that a bureau set for a rule, each in force from a day."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.monitoring.database import Base
from shared.kernel.database.base import Code, Identified, OrgShared, Versioned


class RuleParameters(Identified, Versioned, OrgShared, Base):
    """Parameters of one rule for the exams of one area held on or after a day, until others are."""

    __tablename__ = "warning_rule_parameters"
    __table_args__ = (UniqueConstraint("org_path", "rule_code", "in_force_from"),)

    rule_code: Mapped[str] = mapped_column(Code)
    in_force_from: Mapped[dt.date]
    parameters: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(Text)
