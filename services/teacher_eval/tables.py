"""Every table of this service, imported so that one metadata knows them all."""

from services.teacher_eval.database import Base
from services.teacher_eval.evidence.tables import Evidence

METADATA = Base.metadata

__all__ = ["METADATA", "Evidence"]
