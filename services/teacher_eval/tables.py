"""Every table of this service, imported so that one metadata knows them all."""

from services.teacher_eval.database import Base
from services.teacher_eval.evidence.tables import Evidence
from services.teacher_eval.ladders.tables import Ladder, LadderVersion
from services.teacher_eval.mentoring.tables import MentoringLesson, MentoringPair, MentoringReview
from services.teacher_eval.staff_register.tables import RegisteredStaff, StaffCount
from services.teacher_eval.titles.tables import Title, TitleEntry, TitleFollowUp, TitleNotice, TitleRound
from services.teacher_eval.trainings.tables import (
    TrainingEnrollment,
    TrainingProgram,
    TrainingRating,
    TrainingRecord,
    TrainingTotal,
)

METADATA = Base.metadata

__all__ = [
    "METADATA",
    "Evidence",
    "Ladder",
    "LadderVersion",
    "MentoringLesson",
    "MentoringPair",
    "MentoringReview",
    "RegisteredStaff",
    "StaffCount",
    "Title",
    "TitleEntry",
    "TitleFollowUp",
    "TitleNotice",
    "TitleRound",
    "TrainingEnrollment",
    "TrainingProgram",
    "TrainingRating",
    "TrainingRecord",
    "TrainingTotal",
]
