"""Who may do what in student evaluation: action → scope, roles, levels."""

from __future__ import annotations

from shared.kernel.web.permissions import Grant, Permissions
from shared.terms.actor import Role
from shared.terms.organization import OrgLevel

READ, WRITE, RESULTS = "student_eval.read", "student_eval.write", "student_eval.results"

_CITY = frozenset({OrgLevel.PROVINCE, OrgLevel.CITY})
_OFFICE = _CITY | {OrgLevel.COUNTY}
_WORK = _OFFICE | {OrgLevel.SCHOOL}
_SCHOOL = frozenset({Role.SCHOOL_ADMIN, Role.SCHOOL_OPERATOR})
_OFFICES = frozenset(
    {Role.CITY_ADMIN, Role.CITY_ANALYST, Role.COUNTY_ADMIN, Role.COUNTY_REVIEWER, Role.INSPECTOR, Role.INTEGRATION}
)
_REVIEW = frozenset({Role.CITY_ADMIN, Role.COUNTY_ADMIN, Role.COUNTY_REVIEWER})

_SCHOOL_ALONE = frozenset({OrgLevel.SCHOOL})
_NEAR = frozenset({OrgLevel.SCHOOL, OrgLevel.CLASS})

PERMISSIONS = Permissions(
    {
        # Fitness: offices see counts and rates; a pupil's results are for the school and the pupil.
        "fitness.read": Grant(READ, _SCHOOL | _OFFICES | {Role.TEACHER, Role.PROVINCE_READER}, _WORK),
        "fitness.write": Grant(WRITE, _SCHOOL | {Role.INTEGRATION}, _WORK),
        "fitness.read_students": Grant(READ, _SCHOOL | {Role.TEACHER}, _SCHOOL_ALONE),
        "fitness.read_own": Grant(READ, frozenset({Role.STUDENT, Role.GUARDIAN}), _NEAR),
        # Archives: pupils write, teachers guide, schools import; each sees no more than the own school's.
        "archive_terms.read": Grant(READ, _SCHOOL | {Role.TEACHER, Role.STUDENT}, _SCHOOL_ALONE),
        "archive_terms.write": Grant(WRITE, frozenset({Role.SCHOOL_ADMIN}), _SCHOOL_ALONE),
        "archive_terms.verify": Grant(WRITE, frozenset({Role.SCHOOL_ADMIN, Role.TEACHER}), _SCHOOL_ALONE),
        "archives.read": Grant(READ, _SCHOOL | {Role.TEACHER, Role.STUDENT, Role.GUARDIAN}, _SCHOOL_ALONE),
        # A teacher is let in here to be told why not: rules decide who writes what.
        "archives.write": Grant(WRITE, _SCHOOL | {Role.STUDENT, Role.TEACHER, Role.INTEGRATION}, _WORK),
        "archives.import": Grant(WRITE, _SCHOOL | {Role.INTEGRATION}, _WORK),
        "archives.guide": Grant(WRITE, frozenset({Role.TEACHER}), _SCHOOL_ALONE),
        "archives.check": Grant(WRITE, frozenset({Role.SCHOOL_ADMIN}), _SCHOOL_ALONE),
        "archives.seal": Grant(WRITE, frozenset({Role.SCHOOL_ADMIN}), _SCHOOL_ALONE),
        "doubts.raise": Grant(WRITE, frozenset({Role.STUDENT, Role.TEACHER}), _SCHOOL_ALONE),
        "doubts.handle": Grant(WRITE, frozenset({Role.SCHOOL_ADMIN, Role.TEACHER}), _SCHOOL_ALONE),
        # Guardians and minors: the school enters, the pupil and the guardian look at their own and decide.
        "guardianships.read": Grant(READ, _SCHOOL, _SCHOOL_ALONE),
        "guardianships.write": Grant(WRITE, _SCHOOL | {Role.INTEGRATION}, _WORK),
        "guardianships.own": Grant(READ, frozenset({Role.STUDENT, Role.GUARDIAN}), _NEAR),
        "consents.purposes": Grant(READ, _SCHOOL | {Role.TEACHER, Role.STUDENT, Role.GUARDIAN}, _NEAR),
        "consents.own": Grant(READ, frozenset({Role.STUDENT, Role.GUARDIAN}), _NEAR),
        "consents.answer": Grant(WRITE, frozenset({Role.STUDENT, Role.GUARDIAN}), _NEAR),
        "consents.read": Grant(READ, _SCHOOL, _SCHOOL_ALONE),
        "own_data.read": Grant(READ, frozenset({Role.STUDENT, Role.GUARDIAN}), _NEAR),
        "own_data.ask": Grant(WRITE, frozenset({Role.STUDENT, Role.GUARDIAN}), _NEAR),
        "own_data.read_corrections": Grant(READ, frozenset({Role.STUDENT, Role.GUARDIAN, Role.SCHOOL_ADMIN}), _NEAR),
        "own_data.handle": Grant(WRITE, frozenset({Role.SCHOOL_ADMIN}), _SCHOOL_ALONE),
        "retention.read": Grant(
            READ, frozenset({Role.SCHOOL_ADMIN, Role.SCHOOL_OPERATOR, Role.COUNTY_ADMIN, Role.CITY_ADMIN}), _WORK
        ),
        "retention.decide": Grant(WRITE, frozenset({Role.SCHOOL_ADMIN, Role.COUNTY_ADMIN, Role.CITY_ADMIN}), _WORK),
        "retention.hold": Grant(WRITE, frozenset({Role.SCHOOL_ADMIN, Role.COUNTY_ADMIN, Role.CITY_ADMIN}), _WORK),
        # Development of compulsory pupils by a scheme: class teachers judge, pupils and guardians speak.
        "schemes.read": Grant(READ, _SCHOOL | _OFFICES | {Role.TEACHER, Role.PROVINCE_READER}, _WORK),
        "schemes.write": Grant(WRITE, frozenset({Role.CITY_ADMIN, Role.CITY_ANALYST}), _CITY),
        "schemes.publish": Grant(WRITE, frozenset({Role.CITY_ADMIN}), _CITY),
        "development_terms.read": Grant(READ, _SCHOOL | {Role.TEACHER, Role.STUDENT, Role.GUARDIAN}, _SCHOOL_ALONE),
        "development_terms.write": Grant(WRITE, frozenset({Role.SCHOOL_ADMIN}), _SCHOOL_ALONE),
        "developments.judge": Grant(WRITE, frozenset({Role.SCHOOL_ADMIN, Role.TEACHER}), _SCHOOL_ALONE),
        "developments.speak": Grant(WRITE, frozenset({Role.STUDENT, Role.GUARDIAN}), _SCHOOL_ALONE),
        # Forensics: questions are the school's; offices see counts, and drawn records without whose they are.
        "archive_audits.run": Grant(WRITE, _SCHOOL | _REVIEW, _WORK),
        "archive_audits.read": Grant(READ, _SCHOOL | _REVIEW, _WORK),
        "archive_findings.answer": Grant(WRITE, _SCHOOL, _SCHOOL_ALONE),
        "archive_samples.read": Grant(READ, _SCHOOL | _REVIEW, _WORK),
        "archive_samples.write": Grant(WRITE, frozenset({Role.SCHOOL_ADMIN}) | _REVIEW, _WORK),
        "archive_samples.examine": Grant(WRITE, _SCHOOL | _REVIEW, _WORK),
        "archive_cancellations.read": Grant(READ, _SCHOOL | _REVIEW | {Role.STUDENT, Role.GUARDIAN}, _WORK | _NEAR),
        "archive_cancellations.propose": Grant(WRITE, _SCHOOL | _REVIEW, _WORK),
        "archive_cancellations.state": Grant(WRITE, frozenset({Role.STUDENT, Role.GUARDIAN}), _NEAR),
        "archive_cancellations.decide": Grant(WRITE, frozenset({Role.SCHOOL_ADMIN}), _SCHOOL_ALONE),
        "developments.record": Grant(WRITE, frozenset({Role.STUDENT, Role.TEACHER}), _SCHOOL_ALONE),
        "developments.report": Grant(WRITE, frozenset({Role.SCHOOL_ADMIN}), _SCHOOL_ALONE),
        "developments.read_own": Grant(READ, frozenset({Role.STUDENT}), _NEAR),
        "developments.read_pupils": Grant(
            READ, frozenset({Role.SCHOOL_ADMIN, Role.TEACHER, Role.STUDENT, Role.GUARDIAN}), _NEAR
        ),
        # Pictures hold counts of groups alone; figures of schools go to those who evaluate schools.
        "developments.pictures": Grant(READ, _SCHOOL | _OFFICES | {Role.TEACHER, Role.PROVINCE_READER}, _WORK),
        "developments.roll_up": Grant(READ, _OFFICES | {Role.PROVINCE_READER}, _OFFICE),
        "changes.read": Grant(READ, _SCHOOL | _OFFICES | {Role.PROVINCE_READER}, _WORK),
        "jobs.read": Grant(READ, _SCHOOL | _OFFICES, _WORK),
        "jobs.cancel": Grant(WRITE, frozenset({Role.CITY_ADMIN}), _CITY),
    }
)
