"""Every table of this service, imported so that one metadata knows them all."""

from services.school_eval.action_plans.tables import ActionPlan, Milestone, MilestoneEntry
from services.school_eval.campaigns.tables import Campaign
from services.school_eval.cultivation.tables import Candidate, CandidateEntry, CultivationProgram
from services.school_eval.database import Base
from services.school_eval.evaluations.tables import Delegation, Dispute, LeafEntry, LeafValue, SchoolEvaluation
from services.school_eval.evidence.tables import Evidence
from services.school_eval.partnerships.tables import Partnership, PartnershipActivity
from services.school_eval.research_staff.tables import HeardLesson, ResearchStaff
from services.school_eval.schemes.tables import IndicatorScheme, SchemeVersion
from services.school_eval.statistics.tables import SchoolStatistics, StatisticsState
from services.school_eval.surveys.tables import (
    Questionnaire,
    SurveyAnswer,
    SurveyedSchool,
    SurveyRound,
    SurveyTicket,
)
from services.school_eval.targets.tables import Target, TargetObservation

METADATA = Base.metadata

__all__ = [
    "METADATA",
    "ActionPlan",
    "Campaign",
    "Candidate",
    "CandidateEntry",
    "CultivationProgram",
    "Delegation",
    "Dispute",
    "Evidence",
    "HeardLesson",
    "IndicatorScheme",
    "LeafEntry",
    "LeafValue",
    "Milestone",
    "MilestoneEntry",
    "Partnership",
    "PartnershipActivity",
    "Questionnaire",
    "ResearchStaff",
    "SchemeVersion",
    "SchoolEvaluation",
    "SchoolStatistics",
    "StatisticsState",
    "SurveyAnswer",
    "SurveyRound",
    "SurveyTicket",
    "SurveyedSchool",
    "Target",
    "TargetObservation",
]
