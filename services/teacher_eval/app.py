"""The teacher evaluation service: annual evaluation, conduct, performance pay and the development of teachers."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from services.teacher_eval.conduct.appeals import APPEALS as CONDUCT_APPEALS
from services.teacher_eval.conduct.appeals import router as conduct_appeals
from services.teacher_eval.conduct.endpoints import law as conduct_law
from services.teacher_eval.conduct.endpoints import router as conduct
from services.teacher_eval.conduct.evidence import hearing as conduct_hearings
from services.teacher_eval.conduct.evidence import inquiry as conduct_inquiries
from services.teacher_eval.conduct.own_endpoints import router as own_conduct
from services.teacher_eval.conduct.sweeps import CONDUCT_SWEEP
from services.teacher_eval.conduct.tables import ConductEvidence
from services.teacher_eval.cycles.endpoints import router as cycles
from services.teacher_eval.cycles.jobs import OPEN_CYCLE
from services.teacher_eval.cycles.member_endpoints import router as cycle_members
from services.teacher_eval.cycles.members import REFRESH_MEMBERS
from services.teacher_eval.evaluations.endpoints import router as evaluations
from services.teacher_eval.evaluations.evidence import router as evaluation_evidence
from services.teacher_eval.evaluations.own_endpoints import router as own_evaluations
from services.teacher_eval.evidence.tables import Evidence
from services.teacher_eval.filling.endpoints import router as filling
from services.teacher_eval.filling.jobs import FILL_CYCLE
from services.teacher_eval.grading.endpoints import router as grades
from services.teacher_eval.growth.endpoints import router as growth
from services.teacher_eval.ladders.endpoints import built_in as built_in_ladders
from services.teacher_eval.ladders.endpoints import router as ladders
from services.teacher_eval.mentoring.endpoints import own as own_mentoring
from services.teacher_eval.mentoring.endpoints import router as mentoring
from services.teacher_eval.pay_ledger.appeals import APPEALS as PAY_APPEALS
from services.teacher_eval.pay_ledger.appeals import listed as listed_pay_appeals
from services.teacher_eval.pay_ledger.appeals import router as pay_appeals
from services.teacher_eval.pay_ledger.endpoints import corrections as pay_corrections
from services.teacher_eval.pay_ledger.endpoints import router as pay_ledger
from services.teacher_eval.pay_members.endpoints import router as pay_members
from services.teacher_eval.pay_members.endpoints import routes as pay_member_files
from services.teacher_eval.pay_members.jobs import TAKE_MEMBERS
from services.teacher_eval.pay_plans.endpoints import router as pay_plans
from services.teacher_eval.pay_plans.evidence import router as pay_plan_evidence
from services.teacher_eval.pay_pools.endpoints import router as pay_pools
from services.teacher_eval.pay_pools.endpoints import totals as pay_totals
from services.teacher_eval.pay_runs.endpoints import router as pay_runs
from services.teacher_eval.pay_runs.endpoints import routes as pay_run_routes
from services.teacher_eval.pay_runs.jobs import COMPUTE_PAY_RUNS
from services.teacher_eval.pay_runs.scenario_endpoints import router as pay_scenarios
from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.ratings.endpoints import own as own_ratings
from services.teacher_eval.ratings.endpoints import questionnaires as rating_questionnaires
from services.teacher_eval.ratings.endpoints import router as ratings
from services.teacher_eval.ratings.public_endpoints import router as public_ratings
from services.teacher_eval.ratings.service.closing import RATINGS_SWEEP
from services.teacher_eval.record_checks.endpoints import router as record_checks
from services.teacher_eval.record_kinds.endpoints import router as record_kinds
from services.teacher_eval.results.appeals import APPEALS as RESULT_APPEALS
from services.teacher_eval.results.appeals import objections as result_objections
from services.teacher_eval.results.appeals import reviews as grade_reviews
from services.teacher_eval.results.endpoints import router as cycle_results
from services.teacher_eval.results.jobs import COMPUTE_CYCLE
from services.teacher_eval.results.tables import CycleNotice
from services.teacher_eval.schemes.endpoints import built_in as built_in_schemes
from services.teacher_eval.schemes.endpoints import schemes
from services.teacher_eval.settings import TeacherEvalSettings
from services.teacher_eval.staff_register.endpoints import router as staff_register
from services.teacher_eval.staff_register.jobs import REFRESH_STAFF_REGISTER
from services.teacher_eval.stored_files import named_files
from services.teacher_eval.tables import METADATA
from services.teacher_eval.teacher_records.endpoints import router as teacher_records
from services.teacher_eval.teacher_records.evidence import router as record_evidence
from services.teacher_eval.teacher_records.import_endpoints import router as record_imports
from services.teacher_eval.teaching_effect.endpoints import own as own_teaching_effects
from services.teacher_eval.teaching_effect.endpoints import router as teaching_effects
from services.teacher_eval.teaching_effect.jobs import COMPUTE_TEACHING_EFFECT
from services.teacher_eval.teaching_links.endpoints import links as teaching_links
from services.teacher_eval.teaching_links.endpoints import own as own_teaching_links
from services.teacher_eval.teaching_links.endpoints import router as link_windows
from services.teacher_eval.teaching_links.jobs import PREVIEW_LINKS
from services.teacher_eval.teaching_links.service.closing import LINKS_SWEEP
from services.teacher_eval.title_coverage.endpoints import router as title_coverage
from services.teacher_eval.title_coverage.endpoints import targets as title_targets
from services.teacher_eval.titles.ending import TERMS_SWEEP
from services.teacher_eval.titles.endpoints import router as titles
from services.teacher_eval.titles.tables import TitleNotice
from services.teacher_eval.training_effect.endpoints import router as training_effect
from services.teacher_eval.training_hours.endpoints import router as training_hours
from services.teacher_eval.trainings.endpoints import router as trainings
from services.teacher_eval.trainings.record_endpoints import router as training_records
from shared.kernel.app import Service, build_app
from shared.kernel.changes.endpoints import changes_router
from shared.kernel.jobs.endpoints import jobs_router
from shared.kernel.jobs.worker import JobKind
from shared.kernel.settings import ServiceSettings, load_settings
from shared.kits.appeals.sweeps import appeals_sweep
from shared.kits.evidence.sweeps import evidence_sweeps
from shared.kits.publicity.sweeps import notices_sweep

CHANGING: tuple[str, ...] = (
    "school_results",
    "cycle_notices",
    "result_appeals",
    "cycles",
    "school_cycles",
    "cycle_members",
    "figure_disputes",
    "schemes",
    "evidence_files",
    "ladders",
    "title_rounds",
    "titles",
    "training_programs",
    "training_enrollments",
    "training_records",
    "mentoring_pairs",
    "mentoring_lessons",
    "growth_feedback",
    "title_targets",
    "record_catalogs",
    "teacher_records",
    "record_checks",
    "checked_records",
    "link_windows",
    "school_links",
    "teaching_links",
    "teaching_effect_runs",
    "rating_rounds",
    "rating_groups",
    "rating_closings",
    "pay_pools",
    "pay_plans",
    "pay_runs",
    "pay_appeals",
)
ROUTERS = (
    cycle_results,
    grades,
    result_objections,
    grade_reviews,
    cycles,
    cycle_members,
    own_evaluations,
    evaluations,
    evaluation_evidence,
    filling,
    built_in_schemes,
    schemes,
    staff_register,
    built_in_ladders,
    ladders,
    titles,
    trainings,
    training_records,
    training_hours,
    training_effect,
    mentoring,
    own_mentoring,
    growth,
    title_coverage,
    title_targets,
    record_kinds,
    record_checks,
    # Before single records, whose addresses would take its names for ids.
    record_imports,
    teacher_records,
    record_evidence,
    link_windows,
    teaching_links,
    own_teaching_links,
    teaching_effects,
    own_teaching_effects,
    rating_questionnaires,
    ratings,
    own_ratings,
    public_ratings,
    pay_totals,
    pay_pools,
    pay_members,
    pay_member_files,
    pay_plans,
    pay_plan_evidence,
    pay_scenarios,
    pay_run_routes,
    pay_runs,
    pay_corrections,
    pay_appeals,
    listed_pay_appeals,
    pay_ledger,
    conduct_law,
    # Before cases, whose addresses would take its name for an id.
    own_conduct,
    conduct,
    conduct_inquiries,
    conduct_hearings,
    conduct_appeals,
    changes_router(PERMISSIONS, CHANGING),
    jobs_router(PERMISSIONS),
)
JOBS: tuple[JobKind, ...] = (
    REFRESH_STAFF_REGISTER,
    OPEN_CYCLE,
    REFRESH_MEMBERS,
    FILL_CYCLE,
    TAKE_MEMBERS,
    COMPUTE_PAY_RUNS,
    COMPUTE_CYCLE,
    PREVIEW_LINKS,
    COMPUTE_TEACHING_EFFECT,
)

SERVICE = Service(
    name="teacher_eval",
    title="教师职业评价与绩效工资 / Teacher evaluation and performance pay",
    settings=TeacherEvalSettings,
    permissions=PERMISSIONS,
    routers=ROUTERS,
    jobs=JOBS,
    metadata=METADATA,
    migrations=Path(__file__).parent / "migrations",
    named_files=named_files,
    sweeps=(
        *evidence_sweeps(Evidence, ConductEvidence),
        appeals_sweep(PAY_APPEALS),
        notices_sweep(TitleNotice),
        TERMS_SWEEP,
        RATINGS_SWEEP,
        LINKS_SWEEP,
        notices_sweep(CycleNotice),
        appeals_sweep(RESULT_APPEALS),
        # Before decisions take effect, so that rulings that have become final count.
        appeals_sweep(CONDUCT_APPEALS),
        CONDUCT_SWEEP,
    ),
)


def create_app(settings: ServiceSettings | None = None) -> FastAPI:
    """The service's application, on the given settings or those of the environment."""
    return build_app(SERVICE, settings or load_settings(TeacherEvalSettings))
