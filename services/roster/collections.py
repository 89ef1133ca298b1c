"""Every collection that senders write to."""

from __future__ import annotations

from typing import Any

from services.roster.classes.service import CLASSES
from services.roster.enrollments.service import ENROLLMENTS
from services.roster.intake.collection import Collection
from services.roster.schools.service import SCHOOLS
from services.roster.staff.service import STAFF
from services.roster.students.service import STUDENTS
from services.roster.teaching_assignments.service import TEACHING_ASSIGNMENTS

#: In the order in which they must be loaded.
COLLECTIONS: tuple[Collection[Any], ...] = (
    SCHOOLS,
    CLASSES,
    STUDENTS,
    STAFF,
    ENROLLMENTS,
    TEACHING_ASSIGNMENTS,
)


def collection_named(name: str) -> Collection[Any]:
    """A collection by name; raises ``KeyError``."""
    return {collection.name: collection for collection in COLLECTIONS}[name]
