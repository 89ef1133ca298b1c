"""Every table of this service, imported so that one metadata knows them all."""

from services.student_eval.database import Base
from services.student_eval.fitness.tables import FitnessSheet, FitnessSheetState

METADATA = Base.metadata

__all__ = ["METADATA", "FitnessSheet", "FitnessSheetState"]
