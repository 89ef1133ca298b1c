"""The student evaluation service: archives of senior secondary pupils, development of all, and their fitness."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from services.student_eval.fitness.endpoints import router as fitness
from services.student_eval.permissions import PERMISSIONS
from services.student_eval.settings import StudentEvalSettings
from services.student_eval.stored_files import named_files
from services.student_eval.tables import METADATA
from shared.kernel.app import Service, build_app
from shared.kernel.changes.endpoints import changes_router
from shared.kernel.jobs.endpoints import jobs_router
from shared.kernel.jobs.worker import JobKind
from shared.kernel.settings import ServiceSettings, load_settings

CHANGING: tuple[str, ...] = ("fitness_sheets",)
ROUTERS = (
    fitness,
    changes_router(PERMISSIONS, CHANGING),
    jobs_router(PERMISSIONS),
)
JOBS: tuple[JobKind, ...] = ()

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
)


def create_app(settings: ServiceSettings | None = None) -> FastAPI:
    """The service's application, on the given settings or those of the environment."""
    return build_app(SERVICE, settings or load_settings(StudentEvalSettings))
