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

_ADMINS = frozenset({Role.CITY_ADMIN, Role.COUNTY_ADMIN})
_SCHOOL_ALONE = frozenset({OrgLevel.SCHOOL})
_READERS = _SCHOOL | _OFFICES | {Role.PROVINCE_READER}
_PEOPLE = _READERS | {Role.TEACHER}

PERMISSIONS = Permissions(
    {
        # Tiered development. Who stands on a rung is decided above the school; what is one's own, by the person's key.
        "staff_register.read": Grant(READ, _SCHOOL | _OFFICES, _WORK),
        "staff_register.refresh": Grant(WRITE, _ADMINS | {Role.SCHOOL_ADMIN, Role.INTEGRATION}, _WORK),
        "ladders.read": Grant(READ, _PEOPLE, _WORK),
        "ladders.write": Grant(WRITE, frozenset({Role.CITY_ADMIN}), _CITY),
        "title_rounds.read": Grant(READ, _PEOPLE, _WORK),
        "title_rounds.write": Grant(WRITE, _ADMINS | {Role.SCHOOL_ADMIN}, _WORK),
        "titles.read": Grant(READ, _SCHOOL | _OFFICES, _WORK),
        "titles.nominate": Grant(WRITE, frozenset({Role.SCHOOL_ADMIN}), _SCHOOL_ALONE),
        "titles.review": Grant(WRITE, _ADMINS | {Role.COUNTY_REVIEWER}, _OFFICE),
        "titles.decide": Grant(WRITE, _ADMINS | {Role.SCHOOL_ADMIN}, _WORK),
        "trainings.read": Grant(READ, _PEOPLE, _WORK),
        "training_participants.read": Grant(READ, _SCHOOL | _OFFICES, _WORK),
        "trainings.write": Grant(WRITE, _ADMINS | {Role.SCHOOL_ADMIN, Role.INTEGRATION}, _WORK),
        "trainings.enroll": Grant(WRITE, _ADMINS | _SCHOOL | {Role.INTEGRATION}, _WORK),
        "trainings.rate": Grant(WRITE, frozenset({Role.TEACHER}) | _SCHOOL, _WORK),
        "training_records.import": Grant(WRITE, _ADMINS | {Role.SCHOOL_ADMIN, Role.INTEGRATION}, _WORK),
        # The person's own, whatever their role: rows are found by the person's key alone.
        "development.read_own": Grant(READ, _PEOPLE, _WORK),
        "mentoring.read": Grant(READ, _SCHOOL | _OFFICES, _WORK),
        "mentoring.write": Grant(WRITE, _ADMINS | {Role.SCHOOL_ADMIN}, _WORK),
        "mentoring.take_part": Grant(WRITE, frozenset({Role.TEACHER}) | _SCHOOL | _OFFICES, _WORK),
        "titles.follow_up": Grant(WRITE, _ADMINS | {Role.COUNTY_REVIEWER}, _OFFICE),
        "changes.read": Grant(READ, _SCHOOL | _OFFICES | {Role.PROVINCE_READER}, _WORK),
        "jobs.read": Grant(READ, _SCHOOL | _OFFICES, _WORK),
        "jobs.cancel": Grant(WRITE, frozenset({Role.CITY_ADMIN}), _CITY),
    }
)
