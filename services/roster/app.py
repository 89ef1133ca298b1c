"""The roster service: who and where."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from services.roster.classes.endpoints import router as classes
from services.roster.classes.service import CLASSES
from services.roster.code_lists.endpoints import router as code_lists
from services.roster.collections import COLLECTIONS
from services.roster.enrollments.endpoints import router as enrollments
from services.roster.enrollments.service import ENROLLMENTS
from services.roster.imports.endpoints import router as imports
from services.roster.imports.intake_endpoints import intake_router
from services.roster.imports.jobs import IMPORT_JOB
from services.roster.imports.service import forget_old_bodies
from services.roster.permissions import PERMISSIONS
from services.roster.regions.endpoints import router as regions
from services.roster.schools.endpoints import router as schools
from services.roster.schools.service import SCHOOLS
from services.roster.settings import RosterSettings
from services.roster.staff.endpoints import router as staff
from services.roster.staff.service import STAFF
from services.roster.students.endpoints import router as students
from services.roster.students.service import STUDENTS
from services.roster.tables import METADATA
from services.roster.teaching_assignments.endpoints import router as teaching_assignments
from services.roster.teaching_assignments.service import TEACHING_ASSIGNMENTS
from shared.kernel.app import Service, build_app
from shared.kernel.changes.endpoints import changes_router
from shared.kernel.jobs.endpoints import jobs_router
from shared.kernel.settings import ServiceSettings, load_settings
from shared.kernel.sweep import Sweep

ROUTERS = (
    regions,
    code_lists,
    schools,
    intake_router(SCHOOLS, "schools.write"),
    classes,
    intake_router(CLASSES, "classes.write"),
    students,
    intake_router(STUDENTS, "students.write"),
    staff,
    intake_router(STAFF, "staff.write"),
    enrollments,
    intake_router(ENROLLMENTS, "enrollments.write"),
    teaching_assignments,
    intake_router(TEACHING_ASSIGNMENTS, "teaching_assignments.write"),
    imports,
    changes_router(PERMISSIONS, [collection.name for collection in COLLECTIONS]),
    jobs_router(PERMISSIONS),
)

SERVICE = Service(
    name="roster",
    title="花名册 / Roster",
    settings=RosterSettings,
    permissions=PERMISSIONS,
    routers=ROUTERS,
    jobs=(IMPORT_JOB,),
    metadata=METADATA,
    migrations=Path(__file__).parent / "migrations",
    sweeps=(Sweep("import_bodies", forget_old_bodies),),
)


def create_app(settings: ServiceSettings | None = None) -> FastAPI:
    """The application, with the given settings or those of the environment."""
    return build_app(SERVICE, settings or load_settings(RosterSettings))
