"""Who may do what in school evaluation: action → scope, roles, levels."""

from __future__ import annotations

from shared.kernel.web.permissions import Grant, Permissions
from shared.terms.actor import Role
from shared.terms.organization import OrgLevel

READ, WRITE, RESULTS = "school_eval.read", "school_eval.write", "school_eval.results"

_CITY = frozenset({OrgLevel.PROVINCE, OrgLevel.CITY})
_OFFICE = _CITY | {OrgLevel.COUNTY}
_WORK = _OFFICE | {OrgLevel.SCHOOL}
_SCHOOL = frozenset({Role.SCHOOL_ADMIN, Role.SCHOOL_OPERATOR})
_OFFICES = frozenset(
    {Role.CITY_ADMIN, Role.CITY_ANALYST, Role.COUNTY_ADMIN, Role.COUNTY_REVIEWER, Role.INSPECTOR, Role.INTEGRATION}
)

_ADMINS = frozenset({Role.CITY_ADMIN, Role.COUNTY_ADMIN})
_PLANNED = _SCHOOL | _OFFICES | {Role.PROVINCE_READER}

PERMISSIONS = Permissions(
    {
        # The plan itself. Nobody confirms what they reported themselves: that is decided by rules, not here.
        "plans.read": Grant(READ, _PLANNED, _WORK),
        "plans.write": Grant(WRITE, frozenset({Role.CITY_ADMIN}), _CITY),
        "milestones.write": Grant(WRITE, _ADMINS, _OFFICE),
        "milestones.report": Grant(WRITE, _ADMINS | {Role.SCHOOL_ADMIN}, _WORK),
        "milestones.confirm": Grant(WRITE, _ADMINS, _OFFICE),
        "targets.read": Grant(READ, _OFFICES | {Role.PROVINCE_READER}, _OFFICE),
        "targets.write": Grant(WRITE, frozenset({Role.CITY_ADMIN}), _CITY),
        "targets.observe": Grant(WRITE, _ADMINS | {Role.CITY_ANALYST, Role.INTEGRATION}, _OFFICE),
        "cultivation.read": Grant(READ, _PLANNED, _WORK),
        "cultivation.write": Grant(WRITE, frozenset({Role.CITY_ADMIN}), _CITY),
        "cultivation.nominate": Grant(WRITE, _ADMINS, _OFFICE),
        "cultivation.assess": Grant(WRITE, _ADMINS | {Role.SCHOOL_ADMIN, Role.INSPECTOR, Role.COUNTY_REVIEWER}, _WORK),
        "cultivation.apply": Grant(WRITE, _ADMINS | {Role.SCHOOL_ADMIN}, _WORK),
        "cultivation.decide": Grant(WRITE, _ADMINS, _OFFICE),
        "partnerships.read": Grant(READ, _PLANNED, _WORK),
        "partnerships.write": Grant(WRITE, _ADMINS | {Role.SCHOOL_ADMIN, Role.INTEGRATION}, _WORK),
        "research_staff.read": Grant(READ, _OFFICES, _OFFICE),
        "research_staff.write": Grant(WRITE, _ADMINS, _OFFICE),
        "heard_lessons.write": Grant(
            WRITE, _ADMINS | {Role.INSPECTOR, Role.COUNTY_REVIEWER, Role.INTEGRATION}, _OFFICE
        ),
        "statistics.read": Grant(READ, _PLANNED, _WORK),
        "statistics.write": Grant(WRITE, _ADMINS | _SCHOOL | {Role.INTEGRATION}, _WORK),
        # A school's word on its own figures: nobody above gives it in the school's place.
        "statistics.confirm": Grant(WRITE, _SCHOOL, frozenset({OrgLevel.SCHOOL})),
        "changes.read": Grant(READ, _SCHOOL | _OFFICES | {Role.PROVINCE_READER}, _WORK),
        "jobs.read": Grant(READ, _SCHOOL | _OFFICES, _WORK),
        "jobs.cancel": Grant(WRITE, frozenset({Role.CITY_ADMIN}), _CITY),
    }
)
