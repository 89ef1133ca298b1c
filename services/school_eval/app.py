"""The school evaluation service: indicator schemes, campaigns, inspections, surveys, results and the plan's targets."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from services.school_eval.action_plans.endpoints import router as action_plans
from services.school_eval.balanced_development.endpoints import router as balanced_development
from services.school_eval.campaigns.endpoints import router as campaigns
from services.school_eval.campaigns.jobs import OPEN_CAMPAIGN
from services.school_eval.checklists.endpoints import router as checklists
from services.school_eval.cultivation.endpoints import router as cultivation
from services.school_eval.evaluations.dispute_endpoints import router as disputes
from services.school_eval.evaluations.endpoints import router as evaluations
from services.school_eval.evaluations.evidence import router as leaf_evidence
from services.school_eval.evidence.tables import Evidence
from services.school_eval.findings.endpoints import board_router as finding_board
from services.school_eval.findings.endpoints import router as findings
from services.school_eval.findings.evidence import router as finding_evidence
from services.school_eval.findings.jobs import SWEEPS as FINDING_SWEEPS
from services.school_eval.inspectors.endpoints import router as inspectors
from services.school_eval.partnerships.endpoints import router as partnerships
from services.school_eval.partnerships.endpoints import totals as partnership_totals
from services.school_eval.permissions import PERMISSIONS
from services.school_eval.prefill.endpoints import router as prefill
from services.school_eval.prefill.jobs import PREFILL
from services.school_eval.research_staff.endpoints import months as heard_lesson_months
from services.school_eval.research_staff.endpoints import router as research_staff
from services.school_eval.results.appeals import APPEALS
from services.school_eval.results.appeals import listed as campaign_appeals
from services.school_eval.results.appeals import router as appeals
from services.school_eval.results.endpoints import router as results
from services.school_eval.results.jobs import COMPUTE_CAMPAIGN
from services.school_eval.results.printed import router as printed_results
from services.school_eval.results.tables import CampaignNotice
from services.school_eval.schemes.endpoints import backcasts, schemes
from services.school_eval.schemes.endpoints import built_in as built_in_schemes
from services.school_eval.settings import SchoolEvalSettings
from services.school_eval.statistics.endpoints import router as statistics
from services.school_eval.stored_files import named_files
from services.school_eval.surveys.endpoints import answering as survey_answers
from services.school_eval.surveys.endpoints import questionnaires
from services.school_eval.surveys.endpoints import rounds as survey_rounds
from services.school_eval.tables import METADATA
from services.school_eval.targets.endpoints import router as targets
from services.school_eval.timetables.endpoints import router as timetables
from services.school_eval.visit_plans.endpoints import coverage_router as inspection_coverage
from services.school_eval.visit_plans.endpoints import router as visit_plans
from services.school_eval.visit_plans.jobs import CLOSE_VISIT_FRAME
from services.school_eval.visits.endpoints import router as visits
from services.school_eval.visits.endpoints import severity_router as rater_severity
from services.school_eval.visits.evidence import router as visit_evidence
from shared.kernel.app import Service, build_app
from shared.kernel.changes.endpoints import changes_router
from shared.kernel.jobs.endpoints import jobs_router
from shared.kernel.jobs.worker import JobKind
from shared.kernel.settings import ServiceSettings, load_settings
from shared.kits.appeals.sweeps import appeals_sweep
from shared.kits.evidence.sweeps import evidence_sweeps
from shared.kits.publicity.sweeps import notices_sweep

CHANGING: tuple[str, ...] = (
    "schemes",
    "campaigns",
    "evaluations",
    "disputes",
    "evidence_files",
    "campaign_results",
    "notices",
    "appeals",
    "action_plans",
    "milestones",
    "targets",
    "target_observations",
    "cultivation_programs",
    "cultivation_candidates",
    "partnerships",
    "partnership_activities",
    "research_staff",
    "heard_lessons",
    "school_statistics",
    "school_timetables",
    "survey_rounds",
    "surveyed_schools",
    "checklists",
    "inspectors",
    "visit_plans",
    "visits",
    "findings",
)
ROUTERS = (
    built_in_schemes,
    backcasts,
    schemes,
    campaigns,
    evaluations,
    disputes,
    leaf_evidence,
    # Before the profiles, whose address would take it for a school.
    printed_results,
    results,
    appeals,
    campaign_appeals,
    targets,
    action_plans,
    cultivation,
    partnerships,
    partnership_totals,
    research_staff,
    heard_lesson_months,
    prefill,
    balanced_development,
    statistics,
    timetables,
    questionnaires,
    survey_rounds,
    survey_answers,
    checklists,
    inspectors,
    visit_plans,
    inspection_coverage,
    visits,
    visit_evidence,
    rater_severity,
    finding_board,
    findings,
    finding_evidence,
    changes_router(PERMISSIONS, CHANGING),
    jobs_router(PERMISSIONS),
)
JOBS: tuple[JobKind, ...] = (OPEN_CAMPAIGN, PREFILL, COMPUTE_CAMPAIGN, CLOSE_VISIT_FRAME)

SERVICE = Service(
    name="school_eval",
    title="学校办学质量评价 / School evaluation",
    settings=SchoolEvalSettings,
    permissions=PERMISSIONS,
    routers=ROUTERS,
    jobs=JOBS,
    metadata=METADATA,
    migrations=Path(__file__).parent / "migrations",
    named_files=named_files,
    sweeps=(*evidence_sweeps(Evidence), notices_sweep(CampaignNotice), appeals_sweep(APPEALS), *FINDING_SWEEPS),
)


def create_app(settings: ServiceSettings | None = None) -> FastAPI:
    """The service's application, on the given settings or those of the environment."""
    return build_app(SERVICE, settings or load_settings(SchoolEvalSettings))
