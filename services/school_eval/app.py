"""The school evaluation service: indicator schemes, campaigns, inspections, surveys, results and the plan's targets."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from services.school_eval.permissions import PERMISSIONS
from services.school_eval.settings import SchoolEvalSettings
from services.school_eval.stored_files import named_files
from services.school_eval.tables import METADATA
from shared.kernel.app import Service, build_app
from shared.kernel.changes.endpoints import changes_router
from shared.kernel.jobs.endpoints import jobs_router
from shared.kernel.jobs.worker import JobKind
from shared.kernel.settings import ServiceSettings, load_settings

CHANGING: tuple[str, ...] = ("schemes",)
ROUTERS = (
    changes_router(PERMISSIONS, CHANGING),
    jobs_router(PERMISSIONS),
)
JOBS: tuple[JobKind, ...] = ()

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
)


def create_app(settings: ServiceSettings | None = None) -> FastAPI:
    """The service's application, on the given settings or those of the environment."""
    return build_app(SERVICE, settings or load_settings(SchoolEvalSettings))
