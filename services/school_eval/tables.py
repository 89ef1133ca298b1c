"""Every table of this service, imported so that one metadata knows them all."""

from services.school_eval.action_plans.tables import ActionPlan, Milestone, MilestoneEntry
from services.school_eval.campaigns.tables import Campaign
from services.school_eval.checklists.tables import Checklist, ChecklistVersion
from services.school_eval.cultivation.tables import Candidate, CandidateEntry, CultivationProgram
from services.school_eval.database import Base
from services.school_eval.evaluations.tables import Delegation, Dispute, LeafEntry, LeafValue, SchoolEvaluation
from services.school_eval.evidence.tables import Evidence
from services.school_eval.findings.tables import Finding, FindingEntry
from services.school_eval.inspectors.tables import Inspector
from services.school_eval.partnerships.tables import Partnership, PartnershipActivity
from services.school_eval.research_staff.tables import HeardLesson, ResearchStaff
from services.school_eval.results.tables import CampaignNotice, CampaignResult, SchoolAppeal, SchoolAppealMessage
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
from services.school_eval.timetables.tables import SchoolTimetable
from services.school_eval.visit_plans.tables import PlannedSchool, RegisteredSchool, VisitDraw, VisitPlan
from services.school_eval.visits.tables import Visit, VisitRater, VisitRating

METADATA = Base.metadata

__all__ = [
    "METADATA",
    "ActionPlan",
    "Campaign",
    "CampaignNotice",
    "CampaignResult",
    "Candidate",
    "CandidateEntry",
    "Checklist",
    "ChecklistVersion",
    "CultivationProgram",
    "Delegation",
    "Dispute",
    "Evidence",
    "Finding",
    "FindingEntry",
    "HeardLesson",
    "IndicatorScheme",
    "Inspector",
    "LeafEntry",
    "LeafValue",
    "Milestone",
    "MilestoneEntry",
    "Partnership",
    "PartnershipActivity",
    "PlannedSchool",
    "Questionnaire",
    "RegisteredSchool",
    "ResearchStaff",
    "SchemeVersion",
    "SchoolAppeal",
    "SchoolAppealMessage",
    "SchoolEvaluation",
    "SchoolStatistics",
    "SchoolTimetable",
    "StatisticsState",
    "SurveyAnswer",
    "SurveyRound",
    "SurveyTicket",
    "SurveyedSchool",
    "Target",
    "TargetObservation",
    "Visit",
    "VisitDraw",
    "VisitPlan",
    "VisitRater",
    "VisitRating",
]
