"""The monitoring service: exams from their registration to their published results."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from services.monitoring.analyses.endpoints import router as analyses
from services.monitoring.analyses.jobs import ANALYZE
from services.monitoring.analyses.parts import METHODS_IN_FORCE
from services.monitoring.completeness.endpoints import router as completeness
from services.monitoring.completeness.endpoints import sealing
from services.monitoring.corrections.endpoints import router as corrections
from services.monitoring.exams.endpoints import router as exams
from services.monitoring.exams.jobs import FREEZE_ROSTER
from services.monitoring.exclusions.endpoints import router as exclusions
from services.monitoring.intake.endpoints import router as uploads
from services.monitoring.item_sheets.endpoints import router as item_sheets
from services.monitoring.item_sheets.jobs import READ_ITEM_SHEETS
from services.monitoring.mark_sheets.endpoints import router as mark_sheets
from services.monitoring.mark_sheets.jobs import READ_UPLOAD
from services.monitoring.objections.endpoints import SWEEPS as OBJECTION_SWEEPS
from services.monitoring.objections.endpoints import evidence as objection_evidence
from services.monitoring.objections.endpoints import router as objections
from services.monitoring.papers.endpoints import router as papers
from services.monitoring.peers.endpoints import router as peers
from services.monitoring.permissions import PERMISSIONS
from services.monitoring.report_batches.endpoints import router as report_batches
from services.monitoring.report_batches.jobs import EXPIRED_BATCHES, PRINT_BATCH
from services.monitoring.reports.endpoints import router as reports
from services.monitoring.results.bundles import router as result_bundles
from services.monitoring.results.changes import router as result_changes
from services.monitoring.results.endpoints import router as results
from services.monitoring.results.explanations import router as result_explanations
from services.monitoring.results.reconciliations import router as result_reconciliations
from services.monitoring.results.rules import DATA_MODEL_VERSION
from services.monitoring.samples.endpoints import router as samples
from services.monitoring.samples.jobs import CLOSE_FRAME, READ_SIZES
from services.monitoring.samples.own_school import router as own_school
from services.monitoring.settings import MonitoringSettings
from services.monitoring.slips.endpoints import router as slips
from services.monitoring.stored_files import named_files
from services.monitoring.tables import METADATA
from services.monitoring.trends.endpoints import router as trends
from services.monitoring.warning_rules.endpoints import router as warning_rules
from services.monitoring.warnings.endpoints import evaluating
from services.monitoring.warnings.endpoints import router as warnings
from services.monitoring.warnings.jobs import EVALUATE_WARNINGS, SWEEPS
from shared.kernel.app import Service, build_app
from shared.kernel.changes.endpoints import changes_router
from shared.kernel.jobs.endpoints import jobs_router
from shared.kernel.settings import ServiceSettings, load_settings

CHANGING = (
    "exams",
    "mark_sheets",
    "corrections",
    "papers",
    "item_sheets",
    "result_sets",
    "warnings",
    "warning_rules",
    "objections",
    "objection_evidence",
)
ROUTERS = (
    exams,
    mark_sheets,
    completeness,
    sealing,
    corrections,
    exclusions,
    objections,
    objection_evidence,
    uploads,
    papers,
    item_sheets,
    analyses,
    result_bundles,
    result_changes,
    result_explanations,
    # Before the tables, whose address would take it for one of them.
    peers,
    result_reconciliations,
    results,
    report_batches,
    reports,
    trends,
    slips,
    samples,
    own_school,
    warning_rules,
    evaluating,
    warnings,
    changes_router(PERMISSIONS, CHANGING),
    jobs_router(PERMISSIONS),
)
JOBS = (FREEZE_ROSTER, READ_UPLOAD, READ_ITEM_SHEETS, ANALYZE, READ_SIZES, CLOSE_FRAME, EVALUATE_WARNINGS, PRINT_BATCH)

SERVICE = Service(
    name="monitoring",
    title="学业质量监测 / Exam monitoring",
    settings=MonitoringSettings,
    permissions=PERMISSIONS,
    routers=ROUTERS,
    jobs=JOBS,
    metadata=METADATA,
    migrations=Path(__file__).parent / "migrations",
    named_files=named_files,
    sweeps=(*SWEEPS, EXPIRED_BATCHES, *OBJECTION_SWEEPS),
    facts={
        "x-method-versions": {method.id: method.version for method in METHODS_IN_FORCE},
        "x-data-model-version": DATA_MODEL_VERSION,
    },
)


def create_app(settings: ServiceSettings | None = None) -> FastAPI:
    """The service's application, on the given settings or those of the environment."""
    return build_app(SERVICE, settings or load_settings(MonitoringSettings))
