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

_PEOPLE = _PLANNED | {Role.TEACHER}
_SCHOOL_ALONE = frozenset({OrgLevel.SCHOOL})
_LEADERS = frozenset({Role.CITY_ADMIN})
_REVIEWERS = _ADMINS | {Role.COUNTY_REVIEWER}
_VERIFIERS = frozenset({Role.CITY_ADMIN, Role.CITY_ANALYST, Role.INSPECTOR})

#: Permission of each step of a campaign's life.
CAMPAIGN_STEPS = {
    "open": "campaigns.advance",
    "begin_self_evaluation": "campaigns.advance",
    "begin_county_review": "campaigns.advance",
    "begin_city_verification": "campaigns.advance",
    "reopen_county_review": "campaigns.advance",
    "compute": "campaigns.advance",
    "begin_publicity": "campaigns.advance",
    "withdraw_publicity": "campaigns.advance",
    "finalize": "campaigns.advance",
    "publish": "campaigns.advance",
    "archive": "campaigns.advance",
}

#: Permission of each step of a school's evaluation.
EVALUATION_STEPS = {
    "submit": "evaluations.submit",
    "recall": "evaluations.submit",
    "return": "evaluations.review",
    "review": "evaluations.review",
    "reopen_review": "evaluations.review",
    "verify": "evaluations.verify",
}

#: Permission of each step of a dispute over a prefilled figure.
DISPUTE_STEPS = {"accept": "disputes.decide", "refuse": "disputes.decide", "withdraw": "disputes.raise"}

PERMISSIONS = Permissions(
    {
        "schemes.read": Grant(READ, _PEOPLE, _WORK),
        "schemes.write": Grant(WRITE, _LEADERS | {Role.CITY_ANALYST}, _CITY),
        "schemes.publish": Grant(WRITE, _LEADERS, _CITY),
        "campaigns.read": Grant(READ, _PEOPLE, _WORK),
        "campaigns.write": Grant(WRITE, _LEADERS, _CITY),
        "campaigns.advance": Grant(WRITE, _LEADERS, _CITY),
        # A school sees itself, a county its schools, the city all: rows decide that, not roles.
        "evaluations.read": Grant(READ, _SCHOOL | _OFFICES | {Role.TEACHER}, _WORK),
        # Who is not the school's head enters what was delegated to them: rules decide that.
        "evaluations.enter": Grant(WRITE, _SCHOOL | {Role.TEACHER}, _SCHOOL_ALONE),
        "evaluations.submit": Grant(WRITE, frozenset({Role.SCHOOL_ADMIN}), _SCHOOL_ALONE),
        "evaluations.delegate": Grant(WRITE, frozenset({Role.SCHOOL_ADMIN}), _SCHOOL_ALONE),
        # Schools run by the city have no county above them: the city reviews them.
        "evaluations.review": Grant(WRITE, _REVIEWERS, _OFFICE),
        "evaluations.verify": Grant(WRITE, _VERIFIERS, _CITY),
        "evaluations.attach": Grant(WRITE, _SCHOOL | _REVIEWERS | _VERIFIERS | {Role.TEACHER}, _WORK),
        "results.read": Grant(RESULTS, _SCHOOL | _OFFICES | {Role.PROVINCE_READER}, _WORK),
        "results.analyze": Grant(RESULTS, _OFFICES, _OFFICE),
        "appeals.submit": Grant(WRITE, frozenset({Role.SCHOOL_ADMIN}), _SCHOOL_ALONE),
        "appeals.handle": Grant(WRITE, frozenset({Role.CITY_ADMIN, Role.CITY_ANALYST}), _CITY),
        "disputes.raise": Grant(WRITE, _SCHOOL, _SCHOOL_ALONE),
        "disputes.decide": Grant(WRITE, _ADMINS, _OFFICE),
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
        "timetables.read": Grant(READ, _PLANNED, _WORK),
        "timetables.write": Grant(WRITE, _ADMINS | _SCHOOL | {Role.INTEGRATION}, _WORK),
        "surveys.read": Grant(READ, _PLANNED, _WORK),
        "surveys.write": Grant(WRITE, _ADMINS, _OFFICE),
        # A school hands its links out itself; it sees how many answered, and scores once enough have.
        "surveys.invite": Grant(WRITE, _ADMINS | {Role.SCHOOL_ADMIN}, _WORK),
        # A school could know the handwriting: what was written is read above it.
        "survey_texts.read": Grant(READ, _ADMINS | {Role.CITY_ANALYST}, _OFFICE),
        # Inspection of the two routines. A plan is its office's alone; a school sees its visit once it is told or has begun.
        "checklists.read": Grant(READ, _PLANNED, _WORK),
        "checklists.write": Grant(WRITE, _ADMINS, _OFFICE),
        "visit_plans.read": Grant(READ, _ADMINS | {Role.CITY_ANALYST, Role.PROVINCE_READER}, _OFFICE),
        "visits.plan": Grant(WRITE, _ADMINS, _OFFICE),
        "visits.read": Grant(READ, _SCHOOL | _OFFICES, _WORK),
        "visits.rate": Grant(WRITE, frozenset({Role.INSPECTOR, Role.COUNTY_REVIEWER}), _OFFICE),
        "visits.sign": Grant(WRITE, frozenset({Role.SCHOOL_ADMIN}), frozenset({OrgLevel.SCHOOL})),
        "findings.read": Grant(READ, _SCHOOL | _OFFICES, _WORK),
        "findings.judge": Grant(WRITE, _ADMINS | {Role.INSPECTOR, Role.COUNTY_REVIEWER}, _OFFICE),
        "findings.mend": Grant(WRITE, _SCHOOL, frozenset({OrgLevel.SCHOOL})),
        "findings.comment": Grant(WRITE, _SCHOOL | _ADMINS | {Role.INSPECTOR, Role.COUNTY_REVIEWER}, _WORK),
        "changes.read": Grant(READ, _SCHOOL | _OFFICES | {Role.PROVINCE_READER}, _WORK),
        "jobs.read": Grant(READ, _SCHOOL | _OFFICES, _WORK),
        "jobs.cancel": Grant(WRITE, frozenset({Role.CITY_ADMIN}), _CITY),
    }
)
