"""Every table of this service, imported so that one metadata knows them all."""

from services.teacher_eval.conduct.tables import (
    ConductAppeal,
    ConductAppealMessage,
    ConductCase,
    ConductEntry,
    ConductEvidence,
)
from services.teacher_eval.cycles.tables import Cycle, Member, SchoolCycle
from services.teacher_eval.database import Base
from services.teacher_eval.evaluations.tables import EvaluationEntry, FigureDispute
from services.teacher_eval.evidence.tables import Evidence
from services.teacher_eval.grading.tables import GradeDecision, QuotaDecision
from services.teacher_eval.growth.tables import GrowthFeedback, GrowthNote
from services.teacher_eval.ladders.tables import Ladder, LadderVersion
from services.teacher_eval.mentoring.tables import MentoringLesson, MentoringPair, MentoringReview
from services.teacher_eval.pay_ledger.tables import PayAppeal, PayAppealMessage, PayEntry
from services.teacher_eval.pay_members.tables import PayMember
from services.teacher_eval.pay_plans.tables import PayPlan, PayPlanStep
from services.teacher_eval.pay_pools.tables import PayDistribution, PayPool, PayPoolAmount
from services.teacher_eval.pay_runs.tables import PayRun, PayScenario
from services.teacher_eval.ratings.tables import (
    RatingAnswer,
    RatingClosing,
    RatingFigure,
    RatingGroup,
    RatingQuestionnaire,
    RatingRound,
    RatingTicket,
)
from services.teacher_eval.record_checks.tables import CheckedRecord, RecordCheck
from services.teacher_eval.record_kinds.tables import RecordCatalog
from services.teacher_eval.results.tables import CycleNotice, ResultAppeal, ResultAppealMessage, SchoolResult
from services.teacher_eval.schemes.tables import IndicatorScheme, SchemeVersion
from services.teacher_eval.staff_register.tables import RegisteredStaff, StaffCount
from services.teacher_eval.teacher_records.tables import RecordVersion, TeacherRecord
from services.teacher_eval.teaching_effect.tables import TeachingEffect, TeachingEffectRun
from services.teacher_eval.teaching_links.tables import (
    LinkWindow,
    SchoolLinks,
    TeachingLink,
    TeachingLinkStep,
    VerifiedLink,
)
from services.teacher_eval.title_coverage.tables import TitleTarget
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
    "CheckedRecord",
    "ConductAppeal",
    "ConductAppealMessage",
    "ConductCase",
    "ConductEntry",
    "ConductEvidence",
    "Cycle",
    "CycleNotice",
    "EvaluationEntry",
    "Evidence",
    "FigureDispute",
    "GradeDecision",
    "GrowthFeedback",
    "GrowthNote",
    "IndicatorScheme",
    "Ladder",
    "LadderVersion",
    "LinkWindow",
    "Member",
    "MentoringLesson",
    "MentoringPair",
    "MentoringReview",
    "PayAppeal",
    "PayAppealMessage",
    "PayDistribution",
    "PayEntry",
    "PayMember",
    "PayPlan",
    "PayPlanStep",
    "PayPool",
    "PayPoolAmount",
    "PayRun",
    "PayScenario",
    "QuotaDecision",
    "RatingAnswer",
    "RatingClosing",
    "RatingFigure",
    "RatingGroup",
    "RatingQuestionnaire",
    "RatingRound",
    "RatingTicket",
    "RecordCatalog",
    "RecordCheck",
    "RecordVersion",
    "RegisteredStaff",
    "ResultAppeal",
    "ResultAppealMessage",
    "SchemeVersion",
    "SchoolCycle",
    "SchoolLinks",
    "SchoolResult",
    "StaffCount",
    "TeacherRecord",
    "TeachingEffect",
    "TeachingEffectRun",
    "TeachingLink",
    "TeachingLinkStep",
    "Title",
    "TitleEntry",
    "TitleFollowUp",
    "TitleNotice",
    "TitleRound",
    "TitleTarget",
    "TrainingEnrollment",
    "TrainingProgram",
    "TrainingRating",
    "TrainingRecord",
    "TrainingTotal",
    "VerifiedLink",
]
