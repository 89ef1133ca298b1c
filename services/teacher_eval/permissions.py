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
_SCHOOL_ADMIN = frozenset({Role.SCHOOL_ADMIN})
_READERS = _SCHOOL | _OFFICES | {Role.PROVINCE_READER}
_PEOPLE = _READERS | {Role.TEACHER}
_REVIEWERS = _ADMINS | {Role.COUNTY_REVIEWER}
_CITY_ADMIN = frozenset({Role.CITY_ADMIN})
_HEAD = frozenset({Role.SCHOOL_ADMIN})
_SELF = _SCHOOL | {Role.TEACHER}

#: Permission of each step of the city's definition.
CYCLE_STEPS = {"open": "cycles.write", "archive": "cycles.write"}

#: Permission of each step of a school's annual evaluation.
SCHOOL_STEPS = {
    "open": "cycles.advance",
    "begin_self_evaluation": "cycles.advance",
    "begin_democratic_appraisal": "cycles.advance",
    "begin_comprehensive_assessment": "cycles.advance",
    "begin_publicity": "cycles.advance",
    "withdraw_publicity": "cycles.advance",
    "confirm": "cycles.advance",
    "return": "cycles.file",
    "file": "cycles.file",
    "archive": "cycles.file",
}

#: Permission of each step of a dispute over a figure filled in.
DISPUTE_STEPS = {"accept": "disputes.decide", "refuse": "disputes.decide", "withdraw": "evaluations.enter"}

PERMISSIONS = Permissions(
    {
        # Annual evaluation. Teachers reach their own alone: by their account's person, not by roles.
        "cycles.read": Grant(READ, _SELF | _OFFICES | {Role.PROVINCE_READER}, _WORK),
        "cycles.write": Grant(WRITE, _CITY_ADMIN, _CITY),
        "cycles.fill": Grant(WRITE, _CITY_ADMIN | {Role.CITY_ANALYST, Role.INTEGRATION}, _CITY),
        "cycles.advance": Grant(WRITE, _HEAD, _SCHOOL_ALONE),
        # Schools run by the city have no county above them: the city files them.
        "cycles.file": Grant(WRITE, _ADMINS, _OFFICE),
        "members.write": Grant(WRITE, _SCHOOL, _SCHOOL_ALONE),
        "evaluations.own": Grant(READ, _SELF | _OFFICES, _WORK),
        "evaluations.enter": Grant(WRITE, _SELF, _SCHOOL_ALONE),
        "evaluations.read": Grant(READ, _SCHOOL | _OFFICES, _WORK),
        "evaluations.assess": Grant(WRITE, _SCHOOL, _SCHOOL_ALONE),
        "evaluations.assess_above": Grant(WRITE, _REVIEWERS, _OFFICE),
        "disputes.decide": Grant(WRITE, _HEAD | _ADMINS, _WORK),
        "cycle_results.compute": Grant(WRITE, _HEAD | _ADMINS, _WORK),
        "cycle_results.own": Grant(READ, _SELF, _SCHOOL_ALONE),
        "cycle_results.read": Grant(READ, _SCHOOL | _OFFICES, _WORK),
        # Shares of grades, never names.
        "grade_shares.read": Grant(RESULTS, _OFFICES | {Role.PROVINCE_READER}, _OFFICE),
        "grades.decide": Grant(WRITE, _HEAD, _SCHOOL_ALONE),
        "grades.decide_above": Grant(WRITE, _ADMINS, _OFFICE),
        "quotas.decide": Grant(WRITE, _ADMINS, _OFFICE),
        "objections.submit": Grant(WRITE, _SELF, _SCHOOL_ALONE),
        "objections.handle": Grant(WRITE, _HEAD | _REVIEWERS, _WORK),
        "schemes.read": Grant(READ, _PEOPLE, _WORK),
        "schemes.write": Grant(WRITE, frozenset({Role.CITY_ADMIN, Role.CITY_ANALYST}), _CITY),
        "schemes.publish": Grant(WRITE, frozenset({Role.CITY_ADMIN}), _CITY),
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
        "growth.read": Grant(READ, frozenset({Role.SCHOOL_ADMIN}) | _ADMINS, _WORK),
        "growth.write_own": Grant(WRITE, _PEOPLE, _WORK),
        "title_coverage.read": Grant(READ, _READERS, _WORK),
        "title_targets.write": Grant(WRITE, _ADMINS, _OFFICE),
        "mentoring.read": Grant(READ, _SCHOOL | _OFFICES, _WORK),
        "mentoring.write": Grant(WRITE, _ADMINS | {Role.SCHOOL_ADMIN}, _WORK),
        "mentoring.take_part": Grant(WRITE, frozenset({Role.TEACHER}) | _SCHOOL | _OFFICES, _WORK),
        "titles.follow_up": Grant(WRITE, _ADMINS | {Role.COUNTY_REVIEWER}, _OFFICE),
        # Records: a teacher's own by the person's key; whose they are and who certifies is decided by rules.
        "record_kinds.read": Grant(READ, _PEOPLE, _WORK),
        "record_kinds.write": Grant(WRITE, frozenset({Role.CITY_ADMIN}), _CITY),
        "records.read": Grant(READ, _PEOPLE - {Role.PROVINCE_READER}, _WORK),
        "records.list": Grant(READ, _SCHOOL | _OFFICES, _WORK),
        "records.write": Grant(WRITE, _SCHOOL | {Role.TEACHER}, _SCHOOL_ALONE),
        "records.import": Grant(WRITE, _ADMINS | _SCHOOL | {Role.INTEGRATION}, _WORK),
        "record_checks.read": Grant(READ, _ADMINS | {Role.COUNTY_REVIEWER, Role.INSPECTOR}, _OFFICE),
        "record_checks.write": Grant(WRITE, _ADMINS | {Role.COUNTY_REVIEWER}, _OFFICE),
        "records.certify": Grant(WRITE, _ADMINS | {Role.SCHOOL_ADMIN, Role.COUNTY_REVIEWER}, _WORK),
        # Ratings. Figures of named people are the school's and their own; offices see means; texts are read above.
        "ratings.read": Grant(READ, _PEOPLE, _WORK),
        "ratings.write": Grant(WRITE, _ADMINS | _HEAD, _WORK),
        "ratings.invite": Grant(WRITE, _ADMINS | _SCHOOL, _WORK),
        "ratings.rate": Grant(WRITE, _SELF, _SCHOOL_ALONE),
        "ratings.close": Grant(WRITE, _ADMINS | _HEAD, _WORK),
        "rating_figures.read": Grant(READ, _HEAD, _SCHOOL_ALONE),
        "rating_totals.read": Grant(READ, _HEAD | _OFFICES, _WORK),
        "rating_texts.read": Grant(READ, _HEAD | _ADMINS, _WORK),
        # Who teaches whom: a teacher says it of the own links, the school decides, the office above freezes.
        "teaching_links.read": Grant(READ, _SCHOOL | _OFFICES, _WORK),
        "link_windows.write": Grant(WRITE, _ADMINS, _OFFICE),
        "teaching_links.say": Grant(WRITE, _SELF, _SCHOOL_ALONE),
        "teaching_links.decide": Grant(WRITE, _HEAD, _SCHOOL_ALONE),
        # Schools run by the city have no county above them: the city closes them.
        "teaching_links.close": Grant(WRITE, _ADMINS, _OFFICE),
        # The effect of teaching: one's own, or counts of a school; nobody is given a list of teachers.
        "teaching_effects.compute": Grant(WRITE, _ADMINS | {Role.CITY_ANALYST}, _OFFICE),
        "teaching_effects.read": Grant(READ, _HEAD | _OFFICES, _WORK),
        # Performance pay. Pool and formula are everybody's at the school, amounts each person's own: rules decide that.
        "pay_pools.read": Grant(READ, _SCHOOL | _ADMINS | {Role.TEACHER}, _WORK),
        "pay_pools.set": Grant(WRITE, _ADMINS, _OFFICE),
        "pay_totals.read": Grant(READ, _ADMINS | {Role.CITY_ANALYST, Role.PROVINCE_READER}, _OFFICE),
        "pay_plans.read": Grant(READ, _SCHOOL | _ADMINS | {Role.TEACHER}, _WORK),
        "pay_plans.draft": Grant(WRITE, _SCHOOL_ADMIN, _SCHOOL_ALONE),
        # Schools run by the city have no county above them: the city files their plans.
        "pay_plans.file": Grant(WRITE, _ADMINS, _OFFICE),
        # Named people's money: the school, and the county above it. The city reads totals.
        "pay_members.read": Grant(
            READ, _SCHOOL_ADMIN | {Role.COUNTY_ADMIN}, frozenset({OrgLevel.COUNTY, OrgLevel.SCHOOL})
        ),
        "pay_members.write": Grant(WRITE, _SCHOOL, _SCHOOL_ALONE),
        "pay_runs.read": Grant(READ, _SCHOOL | _ADMINS | {Role.TEACHER}, _WORK),
        "pay_runs.compute": Grant(WRITE, _SCHOOL_ADMIN, _SCHOOL_ALONE),
        "pay_runs.compute_all": Grant(WRITE, _ADMINS, _OFFICE),
        "pay_runs.own": Grant(READ, _SCHOOL | {Role.TEACHER}, _SCHOOL_ALONE),
        "pay_ledger.book": Grant(WRITE, _SCHOOL_ADMIN, _SCHOOL_ALONE),
        "pay_appeals.submit": Grant(WRITE, _SCHOOL | {Role.TEACHER}, _SCHOOL_ALONE),
        "pay_appeals.handle": Grant(
            WRITE, _SCHOOL_ADMIN | {Role.COUNTY_ADMIN}, frozenset({OrgLevel.COUNTY, OrgLevel.SCHOOL})
        ),
        # Conduct: those of a level that handles a case, and the person; rules decide which case.
        "conduct_law.read": Grant(READ, _PEOPLE, _WORK),
        "conduct.read": Grant(READ, _HEAD | _ADMINS, _WORK),
        "conduct.handle": Grant(WRITE, _HEAD | _ADMINS, _WORK),
        "conduct.read_own": Grant(READ, _SELF, _SCHOOL_ALONE),
        "conduct.state_own": Grant(WRITE, _SELF, _SCHOOL_ALONE),
        "conduct.appeal": Grant(WRITE, _SELF, _SCHOOL_ALONE),
        "conduct.read_appeals": Grant(READ, _SELF | _ADMINS, _WORK),
        "conduct.add_to_hearing": Grant(WRITE, _SELF | _ADMINS, _WORK),
        "conduct.handle_appeals": Grant(WRITE, _ADMINS, _OFFICE),
        "changes.read": Grant(READ, _SCHOOL | _OFFICES | {Role.PROVINCE_READER}, _WORK),
        "jobs.read": Grant(READ, _SCHOOL | _OFFICES, _WORK),
        "jobs.cancel": Grant(WRITE, frozenset({Role.CITY_ADMIN}), _CITY),
    }
)
