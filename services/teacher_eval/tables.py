"""Every table of this service, imported so that one metadata knows them all."""

from services.teacher_eval.database import Base

METADATA = Base.metadata

__all__ = ["METADATA"]
