"""Every table of this service, imported so that one metadata knows them all."""

from services.school_eval.action_plans.tables import ActionPlan, Milestone, MilestoneEntry
from services.school_eval.cultivation.tables import Candidate, CandidateEntry, CultivationProgram
from services.school_eval.database import Base
from services.school_eval.partnerships.tables import Partnership, PartnershipActivity
from services.school_eval.research_staff.tables import HeardLesson, ResearchStaff
from services.school_eval.statistics.tables import SchoolStatistics, StatisticsState
from services.school_eval.targets.tables import Target, TargetObservation

METADATA = Base.metadata

__all__ = [
    "METADATA",
    "ActionPlan",
    "Candidate",
    "CandidateEntry",
    "CultivationProgram",
    "HeardLesson",
    "Milestone",
    "MilestoneEntry",
    "Partnership",
    "PartnershipActivity",
    "ResearchStaff",
    "SchoolStatistics",
    "StatisticsState",
    "Target",
    "TargetObservation",
]
