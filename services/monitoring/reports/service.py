"""Making the quality report of one subject. What reads frames blocks: call it in a thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.reports import suggestions
from services.monitoring.reports.findings import findings
from services.monitoring.reports.rules import Scope, subject_of
from services.monitoring.reports.sections import attainment, distribution, figures, options, standing
from services.monitoring.reports.shown import ShownTables
from services.monitoring.results import repository
from services.monitoring.results.frames import ResultFrames
from services.monitoring.results.service.read import Reading, require_place
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import path_level

Names = Mapping[str, str]
Document = dict[str, Any]


async def require_scope(session: AsyncSession, reading: Reading, actor: Actor, scope: Scope) -> Names:
    """Names of the schools that may be named; refuses a place outside the reader's organization as if there were none.

    Raises:
        DomainError: ``resource.not_found``.
    """
    place = {"county_code": scope.county_code, "school_code": scope.school_code}
    await require_place(session, reading, actor, {name: code for name, code in place.items() if code is not None})
    return await repository.school_names(session, actor, reading.exam)


def make_report(frames: ResultFrames, reading: Reading, scope: Scope, subject: str, names: Names) -> Document:
    """The report as JSON: a :class:`~services.monitoring.reports.schemas.ReportOut`.

    Args:
        frames: the version's frames.
        reading: the version and what its reader sees.
        scope: the groups it is about.
        subject: code of an outcome subject, or ``total``.
        names: names of schools that may be named.

    Raises:
        DomainError: ``resource.not_found`` when no row of the groups is shown.
    """
    tables = ShownTables(frames, reading)
    described = subject_of(tables.definition, subject)
    groups = figures.own_groups(tables, scope, subject)
    if len(groups) < max(1, len(scope.class_codes)):
        raise DomainError("resource.not_found", params={"what": f"{scope.level.value} in subject {subject}"})
    sections = [_section(tables, scope, group, subject, names) for group in groups]
    return {
        "exam": _exam(reading),
        "version": reading.result_set.version,
        "published_at": reading.result_set.published_at.isoformat(),
        "subject": described,
        "level": scope.level.value,
        "min_n": reading.min_n,
        "sections": sections,
        "pupils": None,
    }


def _section(tables: ShownTables, scope: Scope, group: figures.Group, subject: str, names: Names) -> dict[str, Any]:
    outer = figures.references(tables, group, subject)
    reference = figures.main_reference(scope.level, outer)
    aspects = attainment.attainment(tables, group, reference, subject)
    section: dict[str, Any] = {
        "group": _named(figures.with_gaps(group, outer), tables.reading, names),
        "reference": reference["level"] if reference is not None else None,
        "references": [_named(each, tables.reading, names) for each in outer],
        "members": _members(tables, group, subject, names),
        "distribution": distribution.distribution(tables, group, reference, subject),
        "value_added": standing.value_added(tables, scope, subject),
        "peers": standing.peers(tables, scope, subject),
        "knowledge_points": _sorted(aspects, attainment.KNOWLEDGE_POINT),
        "competencies": _sorted(aspects, attainment.COMPETENCY),
        "items": attainment.item_summary(tables, aspects.get(attainment.ITEM, []), subject),
        "options": options.options(tables, subject) if aspects else [],
    }
    found = findings(section)
    return {
        **section,
        "findings": [finding.as_json() for finding in found],
        "suggestions": suggestions.suggestions(found),
    }


def _sorted(aspects: Mapping[str, Sequence[attainment.Aspect]], kind: str) -> dict[str, Any] | None:
    return attainment.strengths_and_gaps(aspects[kind]) if aspects.get(kind) else None


def _members(tables: ShownTables, group: figures.Group, subject: str, names: Names) -> list[figures.Group]:
    inner = figures.members(tables, group, subject)
    return [_named(figures.with_gaps(each, [group]), tables.reading, names) for each in inner]


def _named(group: figures.Group, reading: Reading, names: Names) -> figures.Group:
    school, county = group["school_code"], group["county_code"]
    if school is not None and reading.visibility.shows_name(county_code=county, school_code=school):
        return {**group, "name_zh": names.get(school)}
    return group


def _exam(reading: Reading) -> dict[str, Any]:
    definition = reading.result_set.manifest["definition"]
    named = ("name_zh", "name_en", "kind", "grade_level", "school_year", "held_on")
    return {
        "code": reading.exam.code,
        "area": path_level(reading.exam.org_path).value,
        **{name: definition[name] for name in named},
    }
