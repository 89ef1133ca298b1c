"""Who may do what with the roster: action → scope, roles, levels."""

from __future__ import annotations

from shared.kernel.web.permissions import Grant, Permissions
from shared.terms.actor import Role
from shared.terms.organization import OrgLevel

READ, WRITE, PERSONAL = "roster.read", "roster.write", "roster.personal"

_SCHOOL_STAFF = {Role.SCHOOL_ADMIN, Role.SCHOOL_OPERATOR}
_ADMINS = {Role.INTEGRATION, Role.CITY_ADMIN, Role.COUNTY_ADMIN}
_OFFICES = {Role.PROVINCE_READER, Role.CITY_ANALYST, Role.COUNTY_REVIEWER, Role.INSPECTOR}
_KEEPERS = frozenset(_ADMINS | _SCHOOL_STAFF)
_EVERYONE_AT_WORK = frozenset(_KEEPERS | _OFFICES | {Role.TEACHER})
_OFFICE_LEVELS = frozenset({OrgLevel.PROVINCE, OrgLevel.CITY, OrgLevel.COUNTY})
_WORK_LEVELS = frozenset(_OFFICE_LEVELS | {OrgLevel.SCHOOL})

PERMISSIONS = Permissions(
    {
        "schools.read": Grant(READ, _EVERYONE_AT_WORK),
        "schools.write": Grant(WRITE, frozenset(_ADMINS), _OFFICE_LEVELS),
        "classes.read": Grant(READ, frozenset(_KEEPERS | _OFFICES), _WORK_LEVELS),
        "classes.write": Grant(WRITE, _KEEPERS, _WORK_LEVELS),
        "students.read": Grant(READ, frozenset(_KEEPERS | {Role.CITY_ANALYST}), _WORK_LEVELS),
        "students.write": Grant(WRITE, _KEEPERS, _WORK_LEVELS),
        # Names and birth dates; without it pupils and staff are shown masked.
        "people.read_personal": Grant(PERSONAL, _KEEPERS, _WORK_LEVELS),
        "staff.read": Grant(READ, frozenset(_KEEPERS | {Role.CITY_ANALYST}), _WORK_LEVELS),
        "staff.write": Grant(WRITE, frozenset(_ADMINS | {Role.SCHOOL_ADMIN}), _WORK_LEVELS),
        "enrollments.read": Grant(READ, frozenset(_KEEPERS | {Role.CITY_ANALYST}), _WORK_LEVELS),
        "enrollments.write": Grant(WRITE, _KEEPERS, _WORK_LEVELS),
        "teaching_assignments.read": Grant(READ, frozenset(_KEEPERS | {Role.CITY_ANALYST}), _WORK_LEVELS),
        "teaching_assignments.write": Grant(WRITE, _KEEPERS, _WORK_LEVELS),
        "imports.read": Grant(READ, _KEEPERS, _WORK_LEVELS),
        "changes.read": Grant(READ, _KEEPERS, _WORK_LEVELS),
        "jobs.read": Grant(READ, _KEEPERS, _WORK_LEVELS),
        "jobs.cancel": Grant(WRITE, _KEEPERS, _WORK_LEVELS),
    }
)
