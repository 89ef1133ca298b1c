"""Every table of the roster, so that migrations see one metadata."""

from __future__ import annotations

from services.roster.classes.tables import SchoolClass
from services.roster.database import Base
from services.roster.enrollments.tables import Enrollment
from services.roster.imports.tables import Import
from services.roster.schools.tables import School
from services.roster.staff.tables import StaffMember
from services.roster.students.tables import Student
from services.roster.teaching_assignments.tables import TeachingAssignment

METADATA = Base.metadata

__all__ = ["METADATA", "Enrollment", "Import", "School", "SchoolClass", "StaffMember", "Student", "TeachingAssignment"]
