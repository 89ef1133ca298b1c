"""Making the quality report of one subject. What reads frames blocks: call it in a thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.papers.repository import find_paper
from services.monitoring.reports import suggestions
from services.monitoring.reports.findings import findings
from services.monitoring.reports.repository import item_sheet_at
from services.monitoring.reports.rules import ReportBasis, Scope, subject_of
from services.monitoring.reports.sections import attainment, distribution, estimates, figures, options, standing
from services.monitoring.reports.sections.own_items import OwnItems, read_items, with_own_shares
from services.monitoring.reports.sections.pupils import pupils
from services.monitoring.reports.shown import ShownTables
from services.monitoring.results import repository
from services.monitoring.results.frames import ResultFrames
from services.monitoring.results.service.read import Reading, require_place
from shared.kernel.audit.log import note
from shared.scoring.items.plan import COGNITIVE_LEVEL, COMPETENCY, ITEM, KNOWLEDGE_POINT, QUESTION_TYPE
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import path_level

Names = Mapping[str, str]
Document = dict[str, Any]


def note_pupils(session: AsyncSession, reading: Reading, actor: Actor, *, scope: Scope, report: Document) -> None:
    """Notes that candidates to help were read: by whom, of which classes, how many."""
    detail = {
        "version": reading.result_set.version,
        "subject": report["subject"]["code"],
        "school_code": scope.school_code,
        "class_codes": list(scope.class_codes),
        "rows": len(report["pupils"]["items"]),
    }
    note(session, actor, "report_pupils.read", reading.exam.code, detail)


async def require_scope(session: AsyncSession, reading: Reading, actor: Actor, scope: Scope) -> Names:
    """Names of the schools that may be named; refuses a place outside the reader's organization as if there were none.

    Raises:
        DomainError: ``resource.not_found``.
    """
    place = {"county_code": scope.county_code, "school_code": scope.school_code}
    await require_place(session, reading, actor, {name: code for name, code in place.items() if code is not None})
    return await repository.school_names(session, actor, reading.exam)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a report is made from.

    Args:
        frames: the version's frames.
        reading: the version and what its reader sees.
        scope: the groups it is about.
        subject: code of an outcome subject, or ``total``.
        names: names of schools that may be named.
        item_sheet: SHA-256 of the reader's own school's items and the paper, where it has sent any.
        with_pupils: whether candidates to help are listed; that they may be has been decided.
    """

    frames: ResultFrames
    reading: Reading
    scope: Scope
    subject: str
    names: Names
    item_sheet: tuple[str, Mapping[str, Any]] | None = None
    with_pupils: bool = False


async def own_item_sheet(
    session: AsyncSession, reading: Reading, actor: Actor, *, subject: str
) -> tuple[str, Mapping[str, Any]] | None:
    """The own school's items that the version's figures follow from, with the paper; ``None`` above schools."""
    visibility, at = reading.visibility, reading.result_set.published_at
    if visibility.own_school is None or not visibility.sees_answer_options:
        return None
    sheet = await item_sheet_at(session, actor, reading.exam, subject=subject, school_code=visibility.own_school, at=at)
    paper = await find_paper(session, actor, reading.exam, subject) if sheet is not None else None
    return None if sheet is None or paper is None else (sheet.sha256, paper.content)


def make_report(asked: Asked) -> Document:
    """The report as JSON: a :class:`~services.monitoring.reports.schemas.ReportOut`.

    Raises:
        DomainError: ``resource.not_found`` when no row of the groups is shown.
    """
    tables, scope, subject, reading = (
        ShownTables(asked.frames, asked.reading),
        asked.scope,
        asked.subject,
        asked.reading,
    )
    described = subject_of(tables.definition, subject)
    source = estimates if estimates.rests_on_estimates(tables, scope.level) else figures
    groups = source.own_groups(tables, scope, subject)
    if len(groups) < max(1, len(scope.class_codes)):
        raise DomainError("resource.not_found", params={"what": f"{scope.level.value} in subject {subject}"})
    own = read_items(asked.frames.store, *asked.item_sheet) if asked.item_sheet is not None else None
    return {
        "exam": _exam(reading),
        "version": reading.result_set.version,
        "published_at": reading.result_set.published_at.isoformat(),
        "subject": described,
        "level": scope.level.value,
        "basis": (ReportBasis.SAMPLE_ESTIMATE if source is estimates else ReportBasis.CENSUS).value,
        "min_n": reading.min_n,
        "sections": [_section(tables, asked, group, own) for group in groups],
        "pupils": pupils(tables, scope, described, own) if asked.with_pupils else None,
    }


def _section(tables: ShownTables, asked: Asked, group: figures.Group, own: OwnItems | None) -> dict[str, Any]:
    scope, subject, names = asked.scope, asked.subject, asked.names
    is_estimate = group["estimate"] is not None
    source = estimates if is_estimate else figures
    outer, inner = source.references(tables, group, subject), source.members(tables, group, subject)
    # Of a sample nothing is called a strength or a gap: a group is part of the very sample it would be held against.
    reference = None if is_estimate else figures.main_reference(scope.level, outer)
    if not is_estimate:
        group = figures.with_gaps(group, outer)
        inner = [figures.with_gaps(each, [group]) for each in inner]
    aspects = attainment.attainment(tables, group, reference, subject)
    section: dict[str, Any] = {
        "group": _named(group, tables.reading, names),
        "reference": reference["level"] if reference is not None else None,
        "references": [_named(each, tables.reading, names) for each in outer],
        "members": [_named(each, tables.reading, names) for each in inner],
        "distribution": distribution.distribution(tables, group, reference, subject),
        "value_added": [] if is_estimate else standing.value_added(tables, scope, subject),
        "peers": standing.peers(tables, scope, subject),
        "knowledge_points": _sorted(aspects, KNOWLEDGE_POINT),
        "competencies": _sorted(aspects, COMPETENCY),
        "cognitive_levels": _sorted(aspects, COGNITIVE_LEVEL),
        "question_types": _sorted(aspects, QUESTION_TYPE),
        "items": attainment.item_summary(tables, aspects.get(ITEM, []), subject),
        "options": _options(tables, group, subject, own) if aspects else [],
    }
    found = findings(section)
    return {
        **section,
        "findings": [finding.as_json() for finding in found],
        "suggestions": suggestions.suggestions(found),
    }


def _options(tables: ShownTables, group: figures.Group, subject: str, own: OwnItems | None) -> list[dict[str, Any]]:
    items = options.options(tables, subject)
    if own is None or group["level"] not in ("school", "class"):
        return items
    return with_own_shares(items, own, class_code=group["class_code"])


def _sorted(aspects: Mapping[str, Sequence[attainment.Aspect]], kind: str) -> dict[str, Any] | None:
    return attainment.strengths_and_gaps(aspects[kind]) if aspects.get(kind) else None


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
