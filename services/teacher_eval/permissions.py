"""Who may do what in teacher evaluation: action → scope, roles, levels."""

from __future__ import annotations

from shared.kernel.web.permissions import Grant, Permissions
from shared.terms.actor import Role
from shared.terms.organization import OrgLevel

READ, WRITE, RESULTS = "teacher_eval.read", "teacher_eval.write", "teacher_eval.results"

_CITY = frozenset({OrgLevel.PROVINCE, OrgLevel.CITY})
_OFFICE = _CITY | {OrgLevel.COUNTY}
_WORK = _OFFICE | {OrgLevel.SCHOOL}
_SCHOOL = frozenset({Role.SCHOOL_ADMIN, Role.SCHOOL_OPERATOR})
_OFFICES = frozenset(
    {Role.CITY_ADMIN, Role.CITY_ANALYST, Role.COUNTY_ADMIN, Role.COUNTY_REVIEWER, Role.INSPECTOR, Role.INTEGRATION}
)

PERMISSIONS = Permissions(
    {
        "changes.read": Grant(READ, _SCHOOL | _OFFICES | {Role.PROVINCE_READER}, _WORK),
        "jobs.read": Grant(READ, _SCHOOL | _OFFICES, _WORK),
        "jobs.cancel": Grant(WRITE, frozenset({Role.CITY_ADMIN}), _CITY),
    }
)
