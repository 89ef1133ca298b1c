"""Bringing together everything that is held about a pupil."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.fitness.reading import results_of_person
from services.student_eval.fitness.repository import sheets_of_school
from services.student_eval.guardianships.access import Own
from services.student_eval.own_data import repository
from services.student_eval.own_data.parts import PARTS, Part, told
from shared.kernel.store.columnar import ColumnarStore
from shared.kernel.web.organizations import code_of
from shared.policy.student_development import development_policy
from shared.terms.actor import Actor

Held = Mapping[str, Sequence[Mapping[str, Any]]]


async def everything(session: AsyncSession, store: ColumnarStore, actor: Actor, own: Own) -> Held:
    """Everything held about an own pupil, by kind.

    Args:
        session: the transaction.
        store: where fitness results lie.
        actor: who asks.
        own: the pupil.
    """
    key, held = own.student_key, {}
    for part in PARTS.values():
        if part.table is not None:
            rows = await repository.rows_of(session, actor, part, key)
            held[part.code] = _counted(rows) if part.is_counted else [_row(row) for row in rows]
    places = await repository.places_of(session, actor, key) | {own.org_path}
    held["fitness"] = await _fitness(session, store, actor, key, places)
    terms = await repository.terms_of(session, actor, key, places)
    held["classes"] = [_class_of(term, key) for term in terms]
    records = await _records(session, actor, key)
    held["evidence"] = [_row(row) for row in await repository.evidence_of(session, actor, records)]
    held["findings"] = [_finding(row, records) for row in await repository.findings_of(session, actor, key)]
    asked = await repository.corrections_of(session, actor, key)
    threads = await repository.threads_of(session, actor, [row.id for row in asked])
    held["corrections"] = [{**_row(row), "thread": [_row(each) for each in threads[row.id]]} for row in asked]
    return {code: held[code] for code in PARTS}


async def reading_objects(session: AsyncSession, store: ColumnarStore, actor: Actor, own: Own) -> set[str]:
    """Names under which readings of a pupil's data are noted, beside the pupil's own."""
    key = own.student_key
    places = await repository.places_of(session, actor, key) | {own.org_path}
    terms = await repository.terms_of(session, actor, key, places)
    records = await _records(session, actor, key)
    files = await repository.evidence_of(session, actor, records)
    objects = {str(term.id) for term in terms} | {str(file.id) for file in files} | records
    objects |= {f"{term.school_year}/{code_of(term.org_path)}" for term in terms}
    objects |= {f"{code_of(term.org_path)}/{term.school_year}-{term.semester}" for term in terms}
    for row in await _fitness(session, store, actor, key, places):
        objects.add(f"{row['school_year']}/{row['organization']}/{row['class_code']}")
    return objects


def part_of(code: str) -> Part | None:
    """A kind of data, if there is one of this code."""
    return PARTS.get(code)


async def _records(session: AsyncSession, actor: Actor, key: str) -> set[str]:
    """Everything of a pupil that files are attached to."""
    entries = await repository.rows_of(session, actor, PARTS["archive"], key)
    written = await repository.rows_of(session, actor, PARTS["process_records"], key)
    return {str(row.record_id) for row in entries if row.record_id is not None} | {str(row.id) for row in written}


async def _fitness(
    session: AsyncSession, store: ColumnarStore, actor: Actor, student_key: str, places: set[str]
) -> list[dict[str, Any]]:
    found = []
    for place in sorted(places):
        sheets = await sheets_of_school(session, actor, place)
        rows = await asyncio.to_thread(results_of_person, store, sheets, student_key)
        found += [{"school_year": year, "organization": code_of(place), **row} for year, row in rows]
    return found


def _row(row: Any) -> dict[str, Any]:
    columns = told(row)
    if isinstance(columns.get("payload"), str):
        columns["payload"] = json.loads(columns["payload"])
    return {**columns, "organization": code_of(columns.pop("org_path"))}


def _class_of(term: Any, student_key: str) -> dict[str, Any]:
    """One's own line of a class's list, and nobody else's."""
    own = next(member for member in term.members if member["student_key"] == student_key)
    names = ("class_code", "grade_level", "school_year", "semester", "state")
    kept_for = {"archive_terms": "archive", "development_terms": "development"}[term.__tablename__]
    return {"kept_for": kept_for, "organization": code_of(term.org_path), **{n: getattr(term, n) for n in names}, **own}


def _finding(row: Any, own_records: set[str]) -> dict[str, Any]:
    """A question with one's own records; others it is about, and what the school wrote about all of them, stay out."""
    names = ("term", "kind", "severity", "figures", "state", "created_at", "decided_at")
    own = [record for record in row.records if record in own_records]
    return {"organization": code_of(row.org_path), "records": own, **{name: getattr(row, name) for name in names}}


def _counted(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """How many classmates gave each level; of too few nothing, because each was promised to stay unknown."""
    least = development_policy().sources["peers"].least
    words = Counter((row.term_id, row.leaf) for row in rows)
    levels = Counter((row.term_id, row.leaf, row.level) for row in rows)
    return [
        {"term_id": term, "leaf": leaf, "level": level, "count": count}
        for (term, leaf, level), count in sorted(levels.items(), key=str)
        if words[term, leaf] >= least
    ]
