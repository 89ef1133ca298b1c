"""Who may do what in monitoring: action → scope, roles, levels."""

from __future__ import annotations

from shared.kernel.web.permissions import Grant, Permissions
from shared.terms.actor import Role
from shared.terms.organization import OrgLevel

READ, WRITE, RESULTS = "monitoring.read", "monitoring.write", "monitoring.results"

_CITY = frozenset({OrgLevel.PROVINCE, OrgLevel.CITY})
_OFFICE = _CITY | {OrgLevel.COUNTY}
_WORK = _OFFICE | {OrgLevel.SCHOOL}
_BUREAU = frozenset({Role.CITY_ADMIN, Role.INTEGRATION})
_SCHOOL = frozenset({Role.SCHOOL_ADMIN, Role.SCHOOL_OPERATOR})
_COLLECTORS = _BUREAU | _SCHOOL | {Role.COUNTY_ADMIN}
_SAMPLERS = frozenset({Role.CITY_ADMIN, Role.CITY_ANALYST, Role.COUNTY_ADMIN})
_READERS = _COLLECTORS | {Role.CITY_ANALYST, Role.COUNTY_REVIEWER, Role.INSPECTOR, Role.PROVINCE_READER}
_BATCHES = frozenset({Role.CITY_ADMIN, Role.CITY_ANALYST, Role.COUNTY_ADMIN, Role.COUNTY_REVIEWER, Role.SCHOOL_ADMIN})
_WATCHERS = frozenset({Role.CITY_ANALYST, Role.COUNTY_REVIEWER, Role.PROVINCE_READER})
_WARNED = _COLLECTORS | {Role.CITY_ANALYST, Role.COUNTY_REVIEWER, Role.INSPECTOR}

#: Permission of each step of an exam's life.
STEPS = {
    "open": "exams.advance",
    "check": "exams.advance",
    "seal": "exams.advance",
    "reopen": "exams.advance",
    "reopen_schools": "exams.advance",
    "correct_key": "papers.write",
    "analyze": "analyses.run",
    "publish": "results.publish",
    "withdraw": "results.publish",
    "archive": "exams.advance",
}

#: Permission of each step of a correction that somebody takes; the others follow from what happens.
CORRECTION_STEPS = {"accept": "corrections.decide", "refuse": "corrections.decide", "cancel": "corrections.ask"}

PERMISSIONS = Permissions(
    {
        "exams.read": Grant(READ, _READERS | {Role.TEACHER}),
        # Whether an exam may be held at all is decided by shared/policy, not here.
        "exams.write": Grant(WRITE, _BUREAU | {Role.COUNTY_ADMIN}, _OFFICE),
        "exams.advance": Grant(WRITE, frozenset({Role.CITY_ADMIN}), _CITY),
        "mark_sheets.read": Grant(READ, _COLLECTORS | {Role.CITY_ANALYST}, _WORK),
        "mark_sheets.write": Grant(WRITE, _COLLECTORS, _WORK),
        "item_sheets.read": Grant(READ, _COLLECTORS | {Role.CITY_ANALYST}, _WORK),
        "item_sheets.write": Grant(WRITE, _COLLECTORS, _WORK),
        # Whether a paper is shown yet is decided by shared/policy, not here.
        "papers.read": Grant(READ, _READERS | {Role.TEACHER}, _WORK),
        "papers.write": Grant(WRITE, _BUREAU | {Role.COUNTY_ADMIN}, _OFFICE),
        # A school's word on its own figures; whoever leads the exam may not give it in the school's place.
        "mark_sheets.confirm": Grant(WRITE, _SCHOOL | {Role.INTEGRATION}, _WORK),
        "mark_sheet_figures.read": Grant(READ, _SCHOOL | {Role.INTEGRATION}, _WORK),
        "corrections.read": Grant(READ, _COLLECTORS | {Role.CITY_ANALYST, Role.COUNTY_REVIEWER}, _WORK),
        "corrections.ask": Grant(WRITE, _SCHOOL, frozenset({OrgLevel.SCHOOL})),
        "corrections.decide": Grant(WRITE, frozenset({Role.CITY_ADMIN, Role.COUNTY_ADMIN}), _OFFICE),
        # A school objects to its own published figures; its county or the city rules, and the city alone reopens.
        "objections.read": Grant(READ, _COLLECTORS | {Role.CITY_ANALYST, Role.COUNTY_REVIEWER}, _WORK),
        "objections.raise": Grant(WRITE, _SCHOOL, frozenset({OrgLevel.SCHOOL})),
        "objections.handle": Grant(WRITE, frozenset({Role.CITY_ADMIN, Role.COUNTY_ADMIN}), _OFFICE),
        "exclusions.read": Grant(READ, _COLLECTORS | _WATCHERS, _WORK),
        "exclusions.write": Grant(WRITE, _COLLECTORS, _WORK),
        "completeness.read": Grant(READ, _COLLECTORS | _WATCHERS, _WORK),
        "reconciliation.read": Grant(READ, _COLLECTORS | {Role.CITY_ANALYST, Role.COUNTY_REVIEWER}, _WORK),
        # The office that holds an exam knows its sample; nobody below it does, and no system of others.
        "samples.read": Grant(READ, _SAMPLERS | {Role.COUNTY_REVIEWER}, _OFFICE),
        "samples.design": Grant(WRITE, _SAMPLERS, _OFFICE),
        "samples.draw": Grant(WRITE, frozenset({Role.CITY_ADMIN}), _CITY),
        # A school's own part of a draw; every list of pupils that is read is noted.
        "drawn_pupils.read": Grant(READ, _SCHOOL, frozenset({OrgLevel.SCHOOL})),
        "analyses.read": Grant(READ, frozenset({Role.CITY_ADMIN, Role.CITY_ANALYST}), _CITY),
        "analyses.run": Grant(WRITE, frozenset({Role.CITY_ADMIN, Role.CITY_ANALYST}), _CITY),
        "results.publish": Grant(WRITE, frozenset({Role.CITY_ADMIN}), _CITY),
        "results.read": Grant(RESULTS, _READERS | {Role.TEACHER}, _WORK),
        # Marks leave as files, without candidates' numbers above their school; every bundle is noted.
        "results.bundle": Grant(RESULTS, _SCHOOL | {Role.CITY_ADMIN, Role.CITY_ANALYST}, _CITY | {OrgLevel.SCHOOL}),
        # Holding one's own figures against ours: the record is kept, no figure of ours changes.
        "results.reconcile": Grant(RESULTS, _READERS, _WORK),
        # What a report shows is decided as for the tables it is made of.
        "reports.read": Grant(RESULTS, _READERS | {Role.TEACHER}, _WORK),
        "reports.batch": Grant(RESULTS, _BATCHES, _WORK),
        # Named candidates' marks: the school's own people only, and every reading is noted.
        "standings.read": Grant(RESULTS, _SCHOOL, frozenset({OrgLevel.SCHOOL})),
        # Warnings belong to the school they are about; those above it see theirs, other schools never.
        "warnings.read": Grant(READ, _WARNED, _WORK),
        "warnings.respond": Grant(WRITE, frozenset({Role.SCHOOL_ADMIN, Role.COUNTY_ADMIN, Role.CITY_ADMIN}), _WORK),
        "warnings.review": Grant(
            WRITE, frozenset({Role.COUNTY_ADMIN, Role.COUNTY_REVIEWER, Role.CITY_ADMIN, Role.CITY_ANALYST}), _OFFICE
        ),
        "warnings.evaluate": Grant(WRITE, frozenset({Role.CITY_ADMIN, Role.CITY_ANALYST}), _CITY),
        "warning_rules.read": Grant(READ, _WARNED, _WORK),
        "warning_rules.write": Grant(WRITE, frozenset({Role.CITY_ADMIN}), _CITY),
        "changes.read": Grant(READ, _COLLECTORS | {Role.PROVINCE_READER}, _WORK),
        "jobs.read": Grant(READ, _COLLECTORS | {Role.CITY_ANALYST}, _WORK),
        "jobs.cancel": Grant(WRITE, frozenset({Role.CITY_ADMIN}), _CITY),
    }
)
