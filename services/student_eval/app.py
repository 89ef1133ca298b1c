"""The student evaluation service: archives of senior secondary pupils, development of all, and their fitness."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from services.student_eval.archive_audits.endpoints import router as archive_audits
from services.student_eval.archive_audits.jobs import AUDIT_ARCHIVES
from services.student_eval.archive_cancellations.endpoints import router as archive_cancellations
from services.student_eval.archive_reports.endpoints import router as archive_reports
from services.student_eval.archive_samples.endpoints import router as archive_samples
from services.student_eval.archive_samples.jobs import CLOSE_ARCHIVE_FRAME
from services.student_eval.archive_terms.doubts import SWEEPS as DOUBT_SWEEPS
from services.student_eval.archive_terms.doubts import router as doubts
from services.student_eval.archive_terms.endpoints import opening as opening_terms
from services.student_eval.archive_terms.endpoints import router as archive_terms
from services.student_eval.archive_terms.tables import ArchiveNotice
from services.student_eval.archives.endpoints import router as archives
from services.student_eval.archives.evidence import SWEEPS as EVIDENCE_SWEEPS
from services.student_eval.archives.evidence import router as archive_evidence
from services.student_eval.archives.whole import router as whole_archives
from services.student_eval.consents.endpoints import router as consents
from services.student_eval.development_records.endpoints import files as record_files
from services.student_eval.development_records.endpoints import router as process_records
from services.student_eval.development_results.endpoints import router as developments
from services.student_eval.development_results.endpoints import terms as reported_terms
from services.student_eval.development_results.jobs import REPORT_DEVELOPMENTS
from services.student_eval.development_results.picture_endpoints import pictures
from services.student_eval.development_terms.endpoints import opening as open_developments
from services.student_eval.development_terms.endpoints import router as development_terms
from services.student_eval.development_words.endpoints import router as development_words
from services.student_eval.development_words.own_endpoints import router as own_words
from services.student_eval.development_words.own_endpoints import sheets as peer_sheets
from services.student_eval.fitness.endpoints import router as fitness
from services.student_eval.guardianships.endpoints import router as guardianships
from services.student_eval.own_data.corrections import SWEEPS as CORRECTION_SWEEPS
from services.student_eval.own_data.corrections import listed as data_corrections
from services.student_eval.own_data.corrections import router as own_corrections
from services.student_eval.own_data.endpoints import router as own_data
from services.student_eval.permissions import PERMISSIONS
from services.student_eval.retention.endpoints import router as retention
from services.student_eval.retention.service import SWEEPS as RETENTION_SWEEPS
from services.student_eval.schemes.endpoints import built_in, schemes
from services.student_eval.settings import StudentEvalSettings
from services.student_eval.stored_files import named_files
from services.student_eval.tables import METADATA
from shared.kernel.app import Service, build_app
from shared.kernel.changes.endpoints import changes_router
from shared.kernel.jobs.endpoints import jobs_router
from shared.kernel.jobs.worker import JobKind
from shared.kernel.settings import ServiceSettings, load_settings
from shared.kits.publicity.sweeps import notices_sweep

CHANGING: tuple[str, ...] = (
    "fitness_sheets",
    "archive_terms",
    "archive_entries",
    "archive_notices",
    "archive_doubts",
    "archive_findings",
    "archive_samples",
    "sampled_records",
    "record_cancellations",
    "evidence_files",
    "guardianships",
    "schemes",
    "development_terms",
    "development_peer_groups",
    "process_records",
)
ROUTERS = (
    fitness,
    archives,
    archive_evidence,
    archive_reports,
    whole_archives,
    archive_terms,
    opening_terms,
    doubts,
    guardianships,
    consents,
    own_data,
    own_corrections,
    data_corrections,
    retention,
    built_in,
    schemes,
    open_developments,
    development_terms,
    development_words,
    own_words,
    peer_sheets,
    archive_audits,
    archive_samples,
    archive_cancellations,
    process_records,
    record_files,
    reported_terms,
    developments,
    pictures,
    changes_router(PERMISSIONS, CHANGING),
    jobs_router(PERMISSIONS),
)
JOBS: tuple[JobKind, ...] = (AUDIT_ARCHIVES, CLOSE_ARCHIVE_FRAME, REPORT_DEVELOPMENTS)

SERVICE = Service(
    name="student_eval",
    title="学生综合素质评价 / Student evaluation",
    settings=StudentEvalSettings,
    permissions=PERMISSIONS,
    routers=ROUTERS,
    jobs=JOBS,
    metadata=METADATA,
    migrations=Path(__file__).parent / "migrations",
    named_files=named_files,
    sweeps=(*EVIDENCE_SWEEPS, *DOUBT_SWEEPS, *CORRECTION_SWEEPS, *RETENTION_SWEEPS, notices_sweep(ArchiveNotice)),
)


def create_app(settings: ServiceSettings | None = None) -> FastAPI:
    """The service's application, on the given settings or those of the environment."""
    return build_app(SERVICE, settings or load_settings(StudentEvalSettings))
